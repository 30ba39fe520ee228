//! `docs/scale.md` shows what the simulation prints, and its sums are right.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![allow(dead_code, unreachable_pub, reason = "the example's `main` is not used here")]

#[path = "../examples/hottest.rs"]
mod hottest;

const SCALE: &str = include_str!("../../docs/scale.md");
const DATA: &str = include_str!("../../docs/data.md");

#[test]
fn the_document_shows_what_the_simulation_prints() {
    let table = hottest::table();
    assert!(SCALE.contains(&table), "docs/scale.md should show:\n{table}");
}

/// The numbers in the first row of a document that begins with this text.
fn numbers(document: &str, row: &str) -> Vec<f64> {
    let line = document.lines().find(|line| line.starts_with(row)).unwrap_or_else(|| {
        panic!("there is no row `{row}`");
    });
    let cell = |cell: &str| cell.replace([',', '*', '$'], "").trim().parse().ok();
    line.split('|').filter_map(cell).collect()
}

#[test]
fn the_sums_follow_from_what_is_measured() {
    // Only docs/data.md has the cost of a reply.
    assert_eq!(numbers(DATA, "| | | | **"), [43.0]);
    for (row, units) in [("| write units |", 43.0), ("| read units |", 5.0), ("| emails |", 2.0)] {
        let [each, second] = numbers(SCALE, row)[..] else { panic!("{row}") };
        assert_eq!((each, second), (units, units * 10_000.0), "{row}");
    }
    // Costs of a second with 10,000 replies: amount (in millions, or thousands of emails), price, cost.
    let mut sum = 0.0;
    for row in ["| writes |", "| reads |", "| functions, calls |", "| functions, time |", "| API |"]
        .into_iter()
        .chain(["| CloudFront, requests |", "| emails sent |"])
    {
        let [amount, price, cost] = numbers(SCALE, row)[..] else { panic!("{row}") };
        assert!((amount * price - cost).abs() < 0.000_6, "{row} {}", amount * price);
        sum += cost;
    }
    let [total] = numbers(SCALE, "| **one second** |")[..] else { panic!("no total") };
    assert!((total - sum).abs() < 0.006, "{total} is not {sum}");
    // Costs of 100 million page views.
    let mut sum = 0.0;
    for row in ["| requests |", "| CloudFront function |", "| bucket |"] {
        let [amount, price, cost] = numbers(SCALE, row)[..] else { panic!("{row}") };
        assert!((amount * price - cost).abs() < 0.06, "{row} {}", amount * price);
        sum += cost;
    }
    let [total] = numbers(SCALE, "| **100 million page views** |")[..] else { panic!("no total") };
    assert!((total - sum).abs() < 0.06, "{total} is not {sum}");
}
