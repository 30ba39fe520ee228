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
