// Updates the page while it is being edited. An event contains everything the page should show: if
// the page itself has changed, it is reloaded at the same scroll position; style sheets are replaced
// in place; errors and warnings are shown above the page until they are fixed.
(() => {
  "use strict";
  const mine = document.currentScript.dataset.page;
  const problems = ["errors", "warnings"];
  const place = "daisy-place";
  let stream = null;
  let again = 0;

  const remember = () => {
    try {
      sessionStorage.setItem(place, JSON.stringify([location.pathname, scrollX, scrollY]));
    } catch {
      // Without storage the scroll position is lost.
    }
  };

  const restore = () => {
    try {
      const [path, x, y] = JSON.parse(sessionStorage.getItem(place) ?? "[]");
      sessionStorage.removeItem(place);
      if (path === location.pathname) scrollTo({ left: x, top: y, behavior: "instant" });
    } catch {
      // As above.
    }
  };

  // `/styles/main.0123456789abcdef.css` and its successor differ only in the digest.
  const name = (url) => new URL(url, location.href).pathname.replace(/\.[0-9a-f]{16}\.css$/, ".css");

  const exchange = (style) => {
    for (const link of document.querySelectorAll('link[rel="stylesheet"]')) {
      if (name(link.href) !== name(style.url) || link.getAttribute("href") === style.url) continue;
      if (link.dataset.leaving !== undefined) continue;
      const next = link.cloneNode();
      next.href = style.url;
      if (style.integrity) next.integrity = style.integrity;
      else next.removeAttribute("integrity");
      // Remove the old one only after the new one has loaded, so that the page is never unstyled.
      link.dataset.leaving = "";
      next.addEventListener("load", () => link.remove());
      next.addEventListener("error", () => location.reload());
      link.after(next);
    }
  };

  const show = (state) => {
    if (state.page !== mine) {
      stream.close();
      remember();
      location.reload();
      return;
    }
    state.styles.forEach(exchange);
    for (const kind of problems) {
      const place = document.getElementById(`daisy-${kind}`);
      if (place.dataset.shown === state[kind]) continue;
      // Keep the section folded or open.
      const details = place.querySelector("details");
      const open = details?.open;
      place.dataset.shown = state[kind];
      place.innerHTML = state[kind];
      if (details && place.firstElementChild) place.firstElementChild.open = open;
    }
  };

  const listen = () => {
    clearTimeout(again);
    stream?.close();
    stream = new EventSource(`/_daisy/events?page=${location.pathname}`);
    stream.addEventListener("state", (event) => show(JSON.parse(event.data)));
    stream.addEventListener("error", () => {
      // Some browsers give up if there is no response, but daisy may only be restarting.
      if (stream.readyState === EventSource.CLOSED) again = setTimeout(listen, 500);
    });
  };

  // Browsers limit connections per server, so hidden pages close theirs.
  const follow = () => {
    if (document.visibilityState === "visible") {
      listen();
    } else {
      clearTimeout(again);
      stream?.close();
    }
  };

  restore();
  document.addEventListener("visibilitychange", follow);
  addEventListener("pagehide", () => stream?.close());
  addEventListener("pageshow", (event) => event.persisted && follow());
  follow();
})();
