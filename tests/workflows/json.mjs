// Lets modules import JSON without an import attribute, as GitHub's parser, which is made for bundlers, does.

export const load = (url, context, next) =>
  next(url, url.endsWith(".json") ? { ...context, importAttributes: { type: "json" } } : context);
