//! Generates a deterministic site with any number of stories: the shapes of `bench/stories.py`.

const WORDS: &str = "neighbour garden kettle window street lunch Sunday walk bench library choir allotment parcel \
    morning letter bus park kitchen music stair balcony story daughter friend market bread summer rain evening hall";
const TAGS: [&str; 12] = [
    "growing food",
    "growing gardens",
    "sharing food",
    "sharing skills",
    "sharing books",
    "making music",
    "making streets",
    "meeting walks",
    "meeting stories",
    "helping gardens",
    "helping books",
    "Nachbarn & Söhne",
];

const SETTINGS: &str = "title: A thousand stories\nlanguage: en-GB\ntaxonomies:\n  - name: tags\n    feed: true\n    \
                        paginate_by: 20\nmenus:\n  main:\n    - label: Stories\n      link: stories/_index.md\n";
const STORIES: &str =
    "---\ntitle: Stories\nsort_by: date\npaginate_by: 20\nfeed: true\n---\nAll of them.\n";

/// The files of the site: path and text.
pub fn site(count: u64) -> Vec<(String, String)> {
    let mut files = vec![
        ("content/site.yaml".to_owned(), SETTINGS.to_owned()),
        ("content/_index.md".to_owned(), "---\ntitle: Home\n---\nWelcome.\n".to_owned()),
        ("content/stories/_index.md".to_owned(), STORIES.to_owned()),
    ];
    files.extend(
        (0..count)
            .map(|number| (format!("content/stories/{}", name(number)), story(number, count))),
    );
    files
}

fn name(number: u64) -> String {
    format!("story-{number:04}.md")
}

/// A title, a date, tags, and text with a heading, a list, a table, a quotation and links to other
/// stories.
fn story(number: u64, count: u64) -> String {
    let mut dice = Dice(number);
    let title = dice.words(5);
    let (year, month, day) = (2020 + number % 6, 1 + number / 6 % 12, 1 + number / 72 % 28);
    let (one, two) = (dice.below(TAGS.len()), dice.below(TAGS.len()));
    let tags =
        if one == two { TAGS[one].to_owned() } else { format!("{}, {}", TAGS[one], TAGS[two]) };
    let near = |step| name((number + step) % count);
    let list: String = (0..4).map(|_| format!("- {}\n", dice.sentence())).collect();
    let paragraph = |dice: &mut Dice| (0..5).map(|_| dice.sentence()).collect::<Vec<_>>().join(" ");
    format!(
        "---\ntitle: {title} {number}\ndate: {year}-{month:02}-{day:02}\ntags: [{tags}]\n---\n\
         {}\n\n## {}\n\nIt began with [another]({}), and **{}**.\n\n{list}\n\
         | day | what |\n| --- | ---: |\n| Mon | {} |\n| Tue | {} |\n\n> {}\n\nSee [how it went on]({}).\n",
        paragraph(&mut dice),
        dice.words(4),
        near(1),
        dice.words(1),
        dice.words(2),
        dice.words(2),
        paragraph(&mut dice),
        near(31),
    )
}

/// SplitMix64: a random number generator with the same results on every platform.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % limit as u64) as usize
    }

    fn words(&mut self, count: usize) -> String {
        let words: Vec<&str> = WORDS.split_whitespace().collect();
        let chosen: Vec<&str> = (0..count).map(|_| words[self.below(words.len())]).collect();
        chosen.join(" ")
    }

    fn sentence(&mut self) -> String {
        let count = 8 + self.below(8);
        format!("And {}.", self.words(count))
    }
}
