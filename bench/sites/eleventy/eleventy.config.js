// The same work as `daisy` does: stories, their list and that of each tag in parts of fifty, one feed, a sitemap.
const SIZE = 50;
const address = "https://connecting-for-good.test";

const parts = (home, title, stories) => {
  const count = Math.max(1, Math.ceil(stories.length / SIZE));
  const url = (number) => (number === 1 ? home : `${home}page/${number}/`);
  return Array.from({ length: count }, (_, at) => ({
    url: url(at + 1), title, number: at + 1, count,
    previous: at > 0 ? url(at) : null, next: at + 1 < count ? url(at + 2) : null,
    stories: stories.slice(at * SIZE, (at + 1) * SIZE),
  }));
};
const slug = (tag) => tag.toLowerCase().replaceAll(" ", "-");

export default function (config) {
  const newest = (api) => api.getFilteredByGlob("content/stories/story-*.md").sort((a, b) => b.date - a.date);
  let lists;
  const all = (api) => (lists ??= (() => {
    const stories = newest(api);
    const tags = new Map();
    for (const story of stories) {
      for (const tag of story.data.tags) {
        if (!tags.has(tag)) tags.set(tag, []);
        tags.get(tag).push(story);
      }
    }
    const terms = [...tags].sort(([a], [b]) => a.localeCompare(b)).map(([name, of]) => ({ name, of, url: `/tags/${slug(name)}/` }));
    return { stories, terms };
  })());
  config.on("eleventy.before", () => { lists = undefined; });
  config.addCollection("newest", (api) => all(api).stories);
  config.addCollection("terms", (api) => all(api).terms.map(({ name, of, url }) => ({ name, url, count: of.length })));
  config.addCollection("parts", (api) => {
    const { stories, terms } = all(api);
    return [...parts("/stories/", "All stories", stories), ...terms.flatMap(({ name, of, url }) => parts(url, name, of))];
  });
  config.addFilter("day", (date) => date.toISOString().slice(0, 10));
  config.addFilter("head", (list, count) => list.slice(0, count));
  config.addFilter("tag_url", (tag) => `/tags/${slug(tag)}/`);
  config.addGlobalData("site", { title: "Stories", address });
  config.addPassthroughCopy({ "main.css": "styles/main.css" });
  config.ignores.add("content/_index.md");
  config.ignores.add("content/stories/_index.md");
  return { dir: { input: "content", includes: "../_includes", output: "dist" }, markdownTemplateEngine: false, htmlTemplateEngine: "njk" };
}
