// Lets a module import JSON without saying that it is JSON, as GitHub's parser does, which is made for bundlers.

export const load = (url, context, next) =>
  next(url, url.endsWith(".json") ? { ...context, importAttributes: { type: "json" } } : context);
