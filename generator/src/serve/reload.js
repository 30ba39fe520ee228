// Follows the page while it is edited. An event says all that the page should show: if the page
// itself has changed it is loaded again, where it was scrolled to; a style sheet is exchanged in
// place; errors and warnings are shown above the page until they are corrected.
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
      // A browser that keeps nothing scrolls by itself, or not.
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

  // `/styles/main.0123456789abcdef.css` and its successor differ in the digest alone.
  const name = (url) => new URL(url, location.href).pathname.replace(/\.[0-9a-f]{16}\.css$/, ".css");

  const exchange = (style) => {
    for (const link of document.querySelectorAll('link[rel="stylesheet"]')) {
      if (name(link.href) !== name(style.url) || link.getAttribute("href") === style.url) continue;
      if (link.dataset.leaving !== undefined) continue;
      const next = link.cloneNode();
      next.href = style.url;
      if (style.integrity) next.integrity = style.integrity;
      else next.removeAttribute("integrity");
      // The old one goes when the new one is there, so that the page is never without.
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
      // What somebody has folded away, or opened, stays so.
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
      // Some browsers give up where nobody answers; daisy may only be starting again.
      if (stream.readyState === EventSource.CLOSED) again = setTimeout(listen, 500);
    });
  };

  // A browser has few connections to one server: pages that nobody sees leave theirs to others.
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
