//! Pages appear and go at the minute that their editor wrote, in the site's time zone, whatever the
//! clocks did that night.

mod support;

use support::Site;

const PAGE: &str = "dist/notice/index.html";

fn seconds(moment: &str) -> i64 {
    moment.parse::<jiff::Timestamp>().expect("a moment").as_second()
}

/// A site with one page that says `front`, built at `moment`: the next moment at which to build,
/// and whether the page is there.
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
        // Summer time, winter time, and a day alone: its first minute.
        ("2020-06-01 09:00", "2020-06-01T08:00:00Z"),
        ("2020-12-01 09:00", "2020-12-01T09:00:00Z"),
        ("2020-06-01", "2020-05-31T23:00:00Z"),
        ("2020-06-01T09:00+05:30", "2020-06-01T03:30:00Z"),
        // The clocks jump over half past one: it is an hour later.
        ("2020-03-29 01:30", "2020-03-29T01:30:00Z"),
        // Half past one comes twice: the first is meant.
        ("2020-10-25 01:30", "2020-10-25T00:30:00Z"),
    ] {
        let front = format!("publish_on: {written}");
        let meant = seconds(meant);
        assert_eq!(at(&mut site, &front, meant - 1), (Some(meant), false), "{written}");
        assert_eq!(at(&mut site, &front, meant), (None, true), "{written}");
    }
}

#[test]
fn a_page_goes_at_its_minute() {
    let mut site = Site::new();
    let front = "expires_on: 2020-10-25 02:00";
    let meant = seconds("2020-10-25T02:00:00Z");
    assert_eq!(at(&mut site, front, meant - 1), (Some(meant), true));
    assert_eq!(at(&mut site, front, meant), (None, false));
}

#[test]
fn the_next_moment_is_the_first_of_all() {
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
fn a_link_to_what_expires_becomes_plain_text_however_the_site_is_built() {
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
        // A clock that was wrong and is set back.
        (expiry - 60, link, 0),
        (expiry + 60, "See <a>the fair</a>.", 2),
    ] {
        site.now = moment;
        let report = site.must_build();
        assert_eq!(report.warnings.len(), warnings, "{:?}", report.warnings);
        assert!(site.output("near/index.html").contains(shown), "{moment}");
        assert_eq!(site.dist(), site.cold().unwrap(), "{moment}");
    }
    // Nothing was changed since: the warnings are given again.
    assert_eq!(site.must_build().warnings.len(), 2);
    // An edit of another page, and one that gives the page a later day.
    site.write("content/far.md", "---\ntitle: Far\n---\nSee [that other one](near.md).\n");
    assert_eq!(site.must_build().warnings.len(), 2);
    assert_eq!(site.dist(), site.cold().unwrap());
    site.write("content/fair.md", "---\ntitle: Fair\nexpires_on: 2020-07-31\n---\nCome!\n");
    assert_eq!(site.must_build().warnings.len(), 0);
    assert!(site.output("near/index.html").contains(link));
    assert_eq!(site.dist(), site.cold().unwrap());
}
