//! Pages appear and expire at the minute their editor set, in the site's time zone, including clock
//! changes.

mod support;

use support::Site;

const PAGE: &str = "dist/notice/index.html";

fn seconds(moment: &str) -> i64 {
    moment.parse::<jiff::Timestamp>().expect("a moment").as_second()
}

/// A site with one page with this front matter, built at `moment`: the next moment to build, and whether
/// the page exists.
fn at(site: &mut Site, front: &str, moment: i64) -> (Option<i64>, bool) {
    site.write("content/notice.md", &format!("---\ntitle: Notice\n{front}\n---\nWords.\n"));
    site.now = moment;
    let report = site.must_build();
    (report.next_moment, site.root().join(PAGE).exists())
}

#[test]
fn a_page_appears_at_its_minute() {
    let mut site = Site::new();
    for (written, meant) in [
        // Summer time, winter time, and a date alone: its first minute.
        ("2020-06-01 09:00", "2020-06-01T08:00:00Z"),
        ("2020-12-01 09:00", "2020-12-01T09:00:00Z"),
        ("2020-06-01", "2020-05-31T23:00:00Z"),
        ("2020-06-01T09:00+05:30", "2020-06-01T03:30:00Z"),
        // Clocks go forward over half past one: the moment is an hour later.
        ("2020-03-29 01:30", "2020-03-29T01:30:00Z"),
        // Half past one occurs twice: the first is used.
        ("2020-10-25 01:30", "2020-10-25T00:30:00Z"),
    ] {
        let front = format!("publish_on: {written}");
        let meant = seconds(meant);
        assert_eq!(at(&mut site, &front, meant - 1), (Some(meant), false), "{written}");
        assert_eq!(at(&mut site, &front, meant), (None, true), "{written}");
    }
}

#[test]
fn a_page_expires_at_its_minute() {
    let mut site = Site::new();
    let front = "expires_on: 2020-10-25 02:00";
    let meant = seconds("2020-10-25T02:00:00Z");
    assert_eq!(at(&mut site, front, meant - 1), (Some(meant), true));
    assert_eq!(at(&mut site, front, meant), (None, false));
}

#[test]
fn the_next_moment_is_the_earliest() {
    let mut site = Site::new();
    site.write("content/later.md", "---\ntitle: Later\npublish_on: 2020-06-03\n---\n");
    let front = "publish_on: 2020-06-01\nexpires_on: 2020-06-02";
    let days = ["2020-05-31T23:00:00Z", "2020-06-01T23:00:00Z", "2020-06-02T23:00:00Z"];
    let [first, second, third] = days.map(seconds);
    assert_eq!(at(&mut site, front, first - 1), (Some(first), false));
    assert_eq!(at(&mut site, front, first), (Some(second), true));
    assert_eq!(at(&mut site, front, second), (Some(third), false));
    assert_eq!(at(&mut site, front, third), (None, false));
}

#[test]
fn a_link_to_an_expired_page_becomes_plain_text_in_every_build() {
    let mut site = Site::with_address();
    let expiry = seconds("2020-06-30T12:00:00Z");
    site.write("content/stories/_index.md", "---\ntitle: Stories\n---\n[One](../fair.md)\n")
        .write("content/fair.md", "---\ntitle: Fair\nexpires_on: 2020-06-30T12:00Z\n---\nCome!\n")
        .write("content/near.md", "---\ntitle: Near\n---\nSee [the fair](fair.md).\n")
        .write("content/far.md", "---\ntitle: Far\n---\nSee [the other](near.md).\n");
    let link = r#"See <a href="/fair/">the fair</a>."#;
    for (moment, shown, warnings) in [
        (expiry - 1, link, 0),
        (expiry, "See <a>the fair</a>.", 2),
        // A wrong clock is set back.
        (expiry - 60, link, 0),
        (expiry + 60, "See <a>the fair</a>.", 2),
    ] {
        site.now = moment;
        let report = site.must_build();
        assert_eq!(report.warnings.len(), warnings, "{:?}", report.warnings);
        assert!(site.output("near/index.html").contains(shown), "{moment}");
        assert_eq!(site.dist(), site.cold().unwrap(), "{moment}");
    }
    // Without changes, the warnings are repeated.
    assert_eq!(site.must_build().warnings.len(), 2);
    // An edit of another page, and one that postpones the page's expiry.
    site.write("content/far.md", "---\ntitle: Far\n---\nSee [that other one](near.md).\n");
    assert_eq!(site.must_build().warnings.len(), 2);
    assert_eq!(site.dist(), site.cold().unwrap());
    site.write("content/fair.md", "---\ntitle: Fair\nexpires_on: 2020-07-31\n---\nCome!\n");
    assert_eq!(site.must_build().warnings.len(), 0);
    assert!(site.output("near/index.html").contains(link));
    assert_eq!(site.dist(), site.cold().unwrap());
}

#[test]
fn a_page_is_gone_from_the_moment_at_which_consent_ends() {
    let mut site = Site::with_address();
    let end = seconds("2020-06-30T12:00:00Z");
    let text = |key: &str| {
        format!(
            "---\ntitle: Amira\nconsent:\n  by: A. Rahman\n  on: 2020-01-01\n  {key}: 2020-06-30T12:00Z\n---\nHers.\n"
        )
    };
    site.write("content/stories/_index.md", "---\ntitle: Stories\nfeed: true\n---\n")
        .write("content/near.md", "---\ntitle: Near\n---\nSee [Amira](stories/amira.md).\n");
    for key in ["until", "withdrawn"] {
        site.write("content/stories/amira.md", &text(key));
        for (moment, shown) in [(end - 1, true), (end, false), (end - 60, true), (end + 60, false)]
        {
            site.now = moment;
            let report = site.must_build();
            // One for the link and one for the page.
            assert_eq!(report.warnings.len(), if shown { 0 } else { 2 }, "{:?}", report.warnings);
            let dist = site.dist();
            let mentions = dist.iter().filter(|(path, bytes)| {
                let text = String::from_utf8_lossy(bytes);
                text.contains("Hers") || (text.contains("Amira") && *path != "near/index.html")
            });
            assert_eq!(mentions.count() > 0, shown, "{key} {moment}");
            assert_eq!(dist, site.cold().unwrap(), "{key} {moment}");
        }
    }
}

/// The warnings of a build at `moment` about dates in the future: each file and its help.
fn future_dates(site: &mut Site, moment: i64) -> Vec<(String, String)> {
    site.now = moment;
    let warnings = site.must_build().warnings.into_iter();
    let future = warnings.filter(|warning| warning.message.contains("in the future"));
    future.map(|warning| (warning.path, String::from(warning.help.expect("help")))).collect()
}

#[test]
fn a_future_date_gives_a_warning_until_it_passes() {
    let mut site = Site::new();
    site.write("content/news.md", "---\ntitle: News\ndate: 2020-06-01\n---\nWords.\n");
    site.write("content/old.md", "---\ntitle: Old\ndate: 2020-01-01\n---\nWords.\n");
    let comes = seconds("2020-05-31T23:00:00Z");
    // In each order, with a cache from the other moment or without one.
    for (moment, count) in
        [(comes - 9, 1), (comes - 9, 1), (comes - 1, 1), (comes, 0), (comes, 0), (comes - 1, 1)]
    {
        assert_eq!(future_dates(&mut site, moment).len(), count, "{}", moment - comes);
    }
    let before = site.dist();
    future_dates(&mut site, comes + 1);
    assert_eq!(site.dist(), before, "no output depends on it");
    // An edit that does not assemble the site keeps it.
    future_dates(&mut site, comes - 5);
    site.write("content/old.md", "---\ntitle: Old\ndate: 2020-01-01\n---\nOther words.\n");
    assert_eq!(future_dates(&mut site, comes - 4).len(), 1);
}

#[test]
fn each_fix_for_a_future_date_ends_the_warning() {
    let before = seconds("2020-05-31T22:00:00Z");
    for (date, folder) in
        [("2020-06-01", ""), ("2020-06-01 18:30", "walks/"), ("2020-07-01T09:00Z", "walks/far/")]
    {
        let mut site = Site::new();
        site.write("content/walks/_index.md", "---\ntitle: Walks\n---\n");
        let path = format!("content/{folder}page.md");
        let page = |more: &str| format!("---\ntitle: A page\ndate: {date}\n{more}---\n");
        site.write(&path, &page(""));
        let found = future_dates(&mut site, before);
        let [(told, help)] = &found[..] else { panic!("{date}: {found:?}") };
        assert_eq!(*told, path);
        let [publish, events]: [&str; 2] =
            [1, 3].map(|part| help.split('`').nth(part).expect("two ways out"));
        let index = help.rsplit(' ').next().expect("a file");

        site.write(&path, &page(&format!("{publish}\n")));
        assert_eq!(future_dates(&mut site, before), []);
        let output = format!("dist/{folder}page/index.html");
        assert!(!site.root().join(&output).exists(), "{date}: it waits");

        site.write(&path, &page(""));
        let title = if index == "content/_index.md" { "Home" } else { "Walks" };
        site.write(index, &format!("---\ntitle: {title}\n{events}\n---\n"));
        assert_eq!(future_dates(&mut site, before), [], "{help}");
        assert!(site.root().join(&output).exists(), "{date}: it is published");
    }
}

#[test]
fn an_untranslated_page_expires_without_breaking_the_build() {
    let mut site = Site::with_address();
    let settings = "title: A site\nlanguage: en-GB\nbase_url: https://our-street.org.uk\n\
        languages:\n  en-GB:\n    name: English\n  pa:\n    name: ਪੰਜਾਬੀ\n";
    site.write("content/site.yaml", settings)
        .write(
            "content/mela.pa.md",
            "---\ntitle: Mela\nslug: mela\nexpires_on: 2020-06-30T12:00Z\n---\nA\n",
        )
        .write(
            "content/near.pa.md",
            "---\ntitle: Near\nslug: near\n---\nTo [it](mela.md), [it](mela.pa.md).\n",
        )
        .write("content/far.md", "---\ntitle: Far\n---\nTo [it](mela.pa.md), [it](/pa/mela/).\n");
    let expiry = seconds("2020-06-30T12:00:00Z");
    for (moment, plain) in [(expiry - 1, false), (expiry, true)] {
        site.now = moment;
        site.must_build();
        for (path, count) in [("pa/near/index.html", 2), ("far/index.html", 2)] {
            let page = site.output(path);
            let expected = if plain { "<a>it</a>" } else { "<a href=\"/pa/mela/\">it</a>" };
            assert_eq!(page.matches(expected).count(), count, "{path} {page}");
        }
        assert_eq!(site.dist(), site.cold().unwrap(), "{moment}");
    }
}
