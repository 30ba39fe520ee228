//! Simulates the hottest partition of the table's index `lists` while replies come in, second by second:
//! `cargo run -p daisychain-functions --example hottest`. `docs/scale.md` shows and explains what it
//! prints; `tests/scale.rs` holds the two together.
//!
//! A chat with an email address is one item of its form's queue and two of the list of mails that
//! wait, each put with the reply and removed when it is sent. A partition of DynamoDB takes 1,000
//! write units a second, and an index that takes no more holds the table up too.

/// What a partition takes in a second (AWS, "Best practices for designing partition keys").
const PARTITION: u32 = 1_000;
/// Write units that a reply (1.1 KB and what the resident wrote: 2 KB) costs in its queue's list.
const QUEUE: u32 = 2;
/// Mails that are owed for it.
const MAILS: u32 = 2;
/// For how many seconds replies come in.
const SECONDS: usize = 120;

/// A sequence of numbers that is the same each time (SplitMix64, Steele, Lea and Flood, 2014).
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }

    /// A number of events in a second, where `mean` come on average (Poisson, as the sum of small ones).
    fn events(&mut self, mean: u32) -> u32 {
        let mut events = 0;
        let mut left = f64::from(mean);
        while left > 0.0 {
            let part = left.min(16.0);
            left -= part;
            let (mut product, end) = (1.0, (-part).exp());
            loop {
                product *= (self.next() >> 11) as f64 / (1_u64 << 53) as f64;
                if product <= end {
                    break;
                }
                events += 1;
            }
        }
        events
    }
}

/// The load of the lists that one kind of item is divided into.
struct Load {
    /// Units in each second, by list.
    now: Vec<u32>,
    /// Units that fall due in the next second, by list.
    next: Vec<u32>,
    total: Vec<u64>,
    worst: u32,
    over: usize,
}

impl Load {
    fn of(lists: usize) -> Load {
        let none = vec![0; lists];
        Load { now: none.clone(), next: none, total: vec![0; lists], worst: 0, over: 0 }
    }

    fn end_second(&mut self) {
        let hottest = self.now.iter().copied().max().unwrap_or_default();
        self.worst = self.worst.max(hottest);
        self.over += usize::from(hottest > PARTITION);
        for (total, now) in self.total.iter_mut().zip(&self.now) {
            *total += u64::from(*now);
        }
        self.now = std::mem::replace(&mut self.next, vec![0; self.now.len()]);
    }

    fn average(&self) -> u64 {
        self.total.iter().copied().max().unwrap_or_default() / SECONDS as u64
    }
}

/// One line: so many replies a second, over lists that are divided so.
fn line(replies: u32, lists: usize) -> (String, bool) {
    let mut numbers = Numbers(7);
    let (mut queue, mut mails) = (Load::of(lists), Load::of(lists));
    for _ in 0..SECONDS {
        for _ in 0..numbers.events(replies) {
            queue.now[numbers.below(lists)] += QUEUE;
            for _ in 0..MAILS {
                let list = numbers.below(lists);
                // Put with the reply; removed when it was sent, within the second or in the next.
                mails.now[list] += 1;
                if numbers.below(2) == 0 { mails.now[list] += 1 } else { mails.next[list] += 1 }
            }
        }
        queue.end_second();
        mails.end_second();
    }
    let fits = queue.over == 0 && mails.over == 0;
    let line = format!(
        "{replies:>7} {lists:>6} {:>8} {:>6} {:>8} {:>6}  {:>5} of {SECONDS}\n",
        queue.average(),
        queue.worst,
        mails.average(),
        mails.worst,
        queue.over.max(mails.over)
    );
    (line, fits)
}

/// The whole table.
pub fn table() -> String {
    let mut text = String::from(
        "                     queue            mails\n\
         replies  lists  average  worst  average  worst  seconds above 1,000\n",
    );
    for replies in [10, 50, 100, 200, 250, 500] {
        text.push_str(&line(replies, 1).0);
    }
    text.push_str("\ndivided until no second is above:\n");
    for replies in [250, 500, 1_000, 2_500, 10_000] {
        let mut lists = 1;
        let fitting = loop {
            let (line, fits) = line(replies, lists);
            if fits {
                break line;
            }
            lists *= 2;
        };
        text.push_str(&fitting);
    }
    text
}

fn main() {
    use std::io::Write as _;
    let _ = write!(std::io::stdout(), "{}", table());
}
