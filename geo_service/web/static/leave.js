// Leave quickly: the button, or Shift three times, goes to the weather and leaves no page of this site behind Back.
// For browsers of 2016 on: no modules, nothing newer than ES2017.
(() => {
  "use strict";
  const WITHIN_MS = 5000;
  let pressed = 0;
  let alone = false;
  let timer;

  const leave = () => {
    const link = document.querySelector("[data-leave]");
    // Blank the page first: the next one may be slow to come.
    document.title = "Weather";
    document.body.classList.add("app-gone");
    location.replace(link.href);
  };

  const count = (words) => {
    const node = document.getElementById("leave-count");
    if (node) node.textContent = words;
  };

  document.addEventListener("keydown", (event) => {
    alone = event.key === "Shift" && !event.repeat;
  });
  document.addEventListener("keyup", (event) => {
    // Shift held to write a capital letter is not meant.
    if (event.key !== "Shift" || !alone) return;
    pressed += 1;
    clearTimeout(timer);
    const { once, twice } = document.querySelector(".app-leave").dataset;
    if (pressed === 3) {
      leave();
      return;
    }
    count(pressed === 1 ? once : twice);
    timer = setTimeout(() => {
      pressed = 0;
      count("");
    }, WITHIN_MS);
  });

  // --- every page of this site takes the place of the one before it, so that Back, after leaving, finds none ---

  let asked = 0;

  const show = (html, address) => {
    const page = new DOMParser().parseFromString(html, "text/html");
    for (const node of page.querySelectorAll("noscript")) node.remove();
    const root = document.documentElement;
    root.lang = page.documentElement.lang;
    root.dir = page.documentElement.dir;
    document.title = page.title;
    root.replaceChild(document.adoptNode(page.body), document.body);
    history.replaceState(null, "", address);
    pressed = 0;
    clearTimeout(timer);
    scrollTo(0, 0);
    const start = document.getElementById("found") || document.getElementById("main");
    if (start) start.focus({ preventScroll: true });
    document.dispatchEvent(new Event("app-shown"));
  };

  const ask = (address, options, shownAs, otherwise) => {
    asked += 1;
    const mine = asked;
    const settings = Object.assign({ credentials: "omit", cache: "no-store", referrerPolicy: "no-referrer" }, options);
    fetch(address, settings)
      .then((answer) => {
        if (!/^text\/html/.test(answer.headers.get("content-type") || "")) throw new Error("no page");
        return answer.text();
      })
      .then((html) => {
        if (mine === asked && !document.body.classList.contains("app-gone")) show(html, shownAs);
      })
      .catch(() => {
        if (mine === asked) otherwise();
      });
  };

  const toTarget = (id) => {
    const target = document.getElementById(decodeURIComponent(id));
    if (!target) return;
    target.scrollIntoView();
    target.focus({ preventScroll: true });
  };

  document.addEventListener("click", (event) => {
    const anchor = event.target.closest && event.target.closest("a[href]");
    const plain = event.button === 0 && !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey);
    if (!anchor || !plain || event.defaultPrevented) return;
    if (anchor.hasAttribute("data-leave")) {
      event.preventDefault();
      leave();
      return;
    }
    if (anchor.origin !== location.origin || anchor.target || anchor.hasAttribute("download")) return;
    event.preventDefault();
    if (anchor.getAttribute("href").charAt(0) === "#") {
      toTarget(anchor.hash.slice(1));
      return;
    }
    ask(anchor.href, {}, anchor.href, () => location.replace(anchor.href));
  });

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method !== "post") return;
    event.preventDefault();
    const fields = Array.prototype.filter.call(
      form.elements,
      (field) => field.name && !field.disabled && (!/^(checkbox|radio)$/.test(field.type) || field.checked)
    );
    const body = fields.map((field) => `${encodeURIComponent(field.name)}=${encodeURIComponent(field.value)}`).join("&");
    const headers = { "Content-Type": "application/x-www-form-urlencoded" };
    // An answer to a search is shown at the address of the start: the address bar says nothing of it.
    const start = document.querySelector(".app-header__title").href;
    ask(form.action, { method: "POST", body, headers }, start, () => form.submit());
  });

  // A page brought back from the browser's memory shows itself only if it was not left.
  addEventListener("pageshow", (event) => {
    if (event.persisted && document.body.classList.contains("app-gone")) leave();
  });
})();
