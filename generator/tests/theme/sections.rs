//! Tests of nested sections: each shows its direct subsections before its own pages.

use crate::support::Site;

fn site() -> Site {
    let site = Site::with_address();
    site.remove("themes");
    let page = |path: &str, front: &str| {
        site.write(&format!("content/{path}"), &format!("---\n{front}\n---\nWords.\n"))
    };
    page("walks/_index.md", "title: Walks");
    page("walks/along.md", "title: Along the brook\ndate: 2020-05-01");
    page("walks/long/_index.md", "title: Long walks\nweight: 2");
    page("walks/long/moor.md", "title: Over the moor\ndate: 2020-05-02");
    page("walks/long/far/_index.md", "title: Very long walks");
    page("walks/long/far/sea.md", "title: To the sea\ndate: 2020-05-03");
    page("walks/short/_index.md", "title: Short walks\nweight: 1");
    page("walks/any/_index.md", "title: Any walks");
    // A folder between them that is not a section.
    page("walks/more/odd/_index.md", "title: An odd walk");
    site
}

/// The titles that the main content of a page links to, in order.
fn listed(site: &Site, path: &str) -> Vec<String> {
    let html = site.output(path);
    let main = html.split("<main").nth(1).unwrap().split("</main>").next().unwrap();
    let headings = main.split("<h2><a href=\"").skip(1);
    headings
        .map(|rest| rest.split('>').nth(1).unwrap().split('<').next().unwrap().to_owned())
        .collect()
}

#[test]
fn a_section_lists_its_subsections_by_weight_and_title() {
    let site = site();
    site.must_build();
    let walks = listed(&site, "walks/index.html");
    assert_eq!(walks, ["Short walks", "Long walks", "An odd walk", "Any walks", "Along the brook"]);
    assert_eq!(listed(&site, "walks/long/index.html"), ["Very long walks", "Over the moor"]);
    assert_eq!(listed(&site, "walks/long/far/index.html"), ["To the sea"]);

    // A paginated list shows subsections once, and changes in them are shown.
    site.write("content/walks/_index.md", "---\ntitle: Walks\npaginate_by: 1\n---\n");
    site.write("content/walks/other.md", "---\ntitle: Another\ndate: 2020-04-01\n---\n");
    site.write("content/walks/any/_index.md", "---\ntitle: All walks\nweight: 3\n---\n");
    site.must_build();
    let walks = listed(&site, "walks/index.html");
    assert_eq!(walks, ["Short walks", "Long walks", "All walks", "An odd walk", "Along the brook"]);
    assert_eq!(listed(&site, "walks/page/2/index.html"), ["Another"]);
    assert_eq!(site.dist(), site.cold().unwrap());
}

#[test]
fn templates_can_query_subsections_and_feeds_and_the_sitemap_have_all_pages() {
    let site = site();
    let all = "{% for each in sections(section=\"SECTION\") %}{{ each.title }}, {% endfor %}";
    site.write("themes/daisy/theme.yaml", "extends: daisy\n");
    for (section, titles) in [
        ("_index.md", "Walks, "),
        ("walks/", "Short walks, Long walks, An odd walk, Any walks, "),
        ("walks/long/_index.md", "Very long walks, "),
        ("walks/more", ""),
        ("nowhere", ""),
    ] {
        site.write("themes/daisy/templates/home.html", &all.replace("SECTION", section));
        site.must_build();
        assert_eq!(site.output("index.html").trim(), titles.trim_end(), "{section}");
    }
    let (feed, sitemap) = (site.output("feed.xml"), site.output("sitemap.xml"));
    for title in ["Along the brook", "Over the moor", "To the sea"] {
        assert!(feed.contains(title), "{feed}");
    }
    for path in ["/walks/long/", "/walks/long/far/", "/walks/long/far/sea/", "/walks/more/odd/"] {
        assert!(sitemap.contains(&format!("{path}</loc>")), "{sitemap}");
    }
}
