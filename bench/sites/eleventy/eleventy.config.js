// Does the same work as `daisy` with the theme `daisy`; the templates produce the same pages.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";

const address = "https://connecting-for-good.test";
const site = {
  address, title: "Connecting for Good", description: "Connecting for good. CommUNITY is not just for pandemics.",
  home: "CommUNITY is not just for pandemics",
  name: "Connecting for Good, Coventry", phone: "01632 960123", hours: "Monday to Friday, 10am to 4pm",
  email: "hello@connecting-for-good.test",
};
const menus = {
  main: [["/stories/", "Stories"], ["/about/", "About"], ["/help/", "Help"]],
  connect: [["/news/", "Receive our latest news"], ["/volunteer/", "Volunteer your time, passions and skills"],
    ["/chat/", "Have a chat with one of our team"]],
  footer: [["/help/", "Help"], ["/privacy/", "Privacy"], ["/accessibility/", "Accessibility"]],
};
const PART = 50, FEED = 20, SUMMARY = 200, RELATED = 3;
// Related stories are searched for among this many newest stories of each tag, as in daisy.
const CANDIDATES = 200;

const slug = (words) => words.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "");

// A page's own summary, or its start.
const summaries = new Map();
const summary = (page, own) => {
  if (!summaries.has(page.url)) {
    let words = own ?? page.rawInput.trim().split("\n\n", 1)[0];
    if (words.length > SUMMARY) words = words.slice(0, words.lastIndexOf(" ", SUMMARY)).replace(/[.,;:]$/, "") + "…";
    summaries.set(page.url, words);
  }
  return summaries.get(page.url);
};

// A list in pages of fifty, each with its own address.
const parts = (home, title, stories, more) => {
  const count = Math.max(1, Math.ceil(stories.length / PART));
  const url = (number) => (number === 1 ? home : `${home}page/${number}/`);
  return Array.from({ length: count }, (_, at) => ({
    ...more, url: url(at + 1), title, number: at + 1, count,
    previous: at > 0 ? url(at) : null, next: at + 1 < count ? url(at + 2) : null,
    stories: stories.slice(at * PART, (at + 1) * PART),
  }));
};

// For each story: its neighbours, and the stories that share the most tags with it, newest first.
const onward = (stories, tags) => Object.fromEntries(stories.map((story, at) => {
  const shared = new Map();
  for (const tag of story.data.tags) {
    for (const other of tags.get(tag).slice(0, CANDIDATES)) shared.set(other, (shared.get(other) ?? 0) + 1);
  }
  shared.delete(story);
  const related = [...shared].sort(([one, a], [other, b]) => b - a || other.date - one.date).slice(0, RELATED);
  return [story.url, { previous: stories[at - 1], next: stories[at + 1], related: related.map(([other]) => other) }];
}));

// Bundles the style sheets that the theme's main one imports.
const styles = () => {
  const text = readFileSync("styles/main.css", "utf8").replace(/@import "(.+)";/g, (_, name) => readFileSync(`styles/${name}`, "utf8"));
  const digest = createHash("sha384").update(text).digest();
  return { text, url: `/styles/main.${digest.toString("hex").slice(0, 16)}.css`, integrity: `sha384-${digest.toString("base64")}` };
};

// Headings have anchors; tables are aligned with classes, because the Content-Security-Policy forbids the attribute `style`.
const markdown = (library) => {
  const { rules } = library.renderer;
  rules.heading_open = (tokens, at) => `<${tokens[at].tag} id="${slug(tokens[at + 1].content)}">`;
  rules.table_open = () => '<div class="table"><table>\n';
  rules.table_close = () => "</table></div>\n";
  for (const [rule, opening] of [["th_open", '<th scope="col"'], ["td_open", "<td"]]) {
    rules[rule] = (tokens, at) => {
      const align = tokens[at].attrGet("style")?.replace("text-align:", "");
      return opening + (align ? ` class="align-${align}">` : ">");
    };
  }
};

export default function (config) {
  let lists;
  const all = (api) => (lists ??= (() => {
    const stories = api.getFilteredByGlob("content/stories/story-*.md").sort((a, b) => b.date - a.date);
    const tags = new Map();
    for (const story of stories) {
      for (const tag of story.data.tags) {
        if (!tags.has(tag)) tags.set(tag, []);
        tags.get(tag).push(story);
      }
    }
    const terms = [...tags].sort(([a], [b]) => a.localeCompare(b)).map(([name, of]) => ({ name, of, url: `/tags/${slug(name)}/` }));
    return { stories, tags, terms };
  })());
  config.on("eleventy.before", () => { lists = undefined; summaries.clear(); });
  config.addCollection("plain", (api) => api.getFilteredByGlob("content/*.md"));
  config.addCollection("newest", (api) => all(api).stories);
  config.addCollection("terms", (api) => all(api).terms.map(({ name, of, url }) => ({ name, url, count: of.length })));
  config.addCollection("onward", (api) => onward(all(api).stories, all(api).tags));
  config.addCollection("parts", (api) => {
    const { stories, terms } = all(api);
    const tags = { ancestors: [["/tags/", "Tags"]] };
    const words = "Every story, the newest first.";
    return [...parts("/stories/", "All stories", stories, { ancestors: [], words }),
      ...terms.flatMap(({ name, of, url }) => parts(url, name, of, tags))];
  });
  config.addCollection("feeds", (api) => {
    const { stories, terms } = all(api);
    const feed = (url, name, of) => ({ url, title: name ? `${name} · ${site.title}` : site.title, stories: of.slice(0, FEED) });
    return [feed("/", "", stories), feed("/stories/", "All stories", stories), ...terms.map(({ name, of, url }) => feed(url, name, of))];
  });
  config.addFilter("day", (date) => date.toISOString().slice(0, 10));
  const long = new Intl.DateTimeFormat("en-GB", { dateStyle: "long", timeZone: "UTC" });
  config.addFilter("long_day", (date) => long.format(date));
  config.addFilter("tag_url", (tag) => `/tags/${slug(tag)}/`);
  config.addFilter("summary", summary);
  config.addFilter("tel", (phone) => phone.replaceAll(" ", ""));
  config.addFilter("json", (value) => JSON.stringify(value).replaceAll("<", "\\u003c"));
  config.addGlobalData("site", site);
  config.addGlobalData("menus", menus);
  config.addGlobalData("styles", styles);
  config.amendLibrary("md", markdown);
  config.addPassthroughCopy({ static: "/" });
  config.ignores.add("content/stories/_index.md");
  return { dir: { input: "content", includes: "../_includes", output: "dist" }, markdownTemplateEngine: false, htmlTemplateEngine: "njk" };
}
