// Leave quickly: the button, or Shift three times, goes to the weather and leaves no page of this site behind Back.
// For browsers of 2016 and older ones: ES5 alone, and nothing asked of the browser that they do not have.
(function () {
  "use strict";
  var WITHIN_MS = 5000;
  var pressed = 0;
  var alone = false;
  var timer;

  function gone() {
    return document.body.classList.contains("app-gone");
  }

  function leave() {
    var said = document.createElement("p");
    // Blank the page first: the next one may be slow to come. Only a screen reader hears why.
    document.title = "Weather";
    document.body.classList.add("app-gone");
    // The style sheet may be switched off, or not have come.
    each(document.body.children, function (node) {
      node.hidden = true;
    });
    said.className = "app-gone__said";
    said.setAttribute("role", "status");
    document.body.appendChild(said);
    said.textContent = document.querySelector(".app-leave").getAttribute("data-leaving");
    location.replace(document.querySelector("[data-leave]").href);
  }

  function count(words) {
    var node = document.getElementById("leave-count");
    if (node) node.textContent = words;
  }

  document.addEventListener("keydown", function (event) {
    alone = event.keyCode === 16 && !event.repeat;
  });
  document.addEventListener("keyup", function (event) {
    var said;
    // Shift held to write a capital letter is not meant.
    if (event.keyCode !== 16 || !alone) return;
    pressed += 1;
    clearTimeout(timer);
    if (pressed === 3) {
      leave();
      return;
    }
    said = document.querySelector(".app-leave");
    count(said.getAttribute(pressed === 1 ? "data-once" : "data-twice"));
    timer = setTimeout(function () {
      pressed = 0;
      count("");
    }, WITHIN_MS);
  });

  // --- every page of this site takes the place of the one before it, so that Back, after leaving, finds none ---

  var asked = 0;
  var canShow = Boolean(window.DOMParser && window.XMLHttpRequest && window.history && history.replaceState);

  function each(nodes, done) {
    Array.prototype.slice.call(nodes).forEach(done);
  }

  function shown() {
    var event = document.createEvent("Event");
    event.initEvent("app-shown", false, false);
    document.dispatchEvent(event);
  }

  function show(html, address) {
    var page = new DOMParser().parseFromString(html, "text/html");
    var root = document.documentElement;
    var wrong, start;
    each(page.querySelectorAll("noscript"), function (node) {
      node.parentNode.removeChild(node);
    });
    root.lang = page.documentElement.lang;
    root.dir = page.documentElement.dir;
    document.title = page.title;
    root.replaceChild(document.adoptNode(page.body), document.body);
    // An answer to a search is shown at the address of the start: the address bar says nothing of it.
    history.replaceState(null, "", address || document.querySelector(".app-header__title").href);
    pressed = 0;
    clearTimeout(timer);
    scrollTo(0, 0);
    wrong = document.getElementById("problem") || document.getElementById("where-error");
    start = wrong || document.getElementById("found") || document.getElementById("main");
    if (start) start.focus({ preventScroll: true });
    // An answer is shown from its top; what is wrong is brought into view where it is not.
    if (wrong && wrong.getBoundingClientRect().bottom > window.innerHeight) wrong.scrollIntoView();
    shown();
  }

  function ask(method, address, body, shownAs, otherwise) {
    var request = new XMLHttpRequest();
    var mine;
    asked += 1;
    mine = asked;
    request.open(method, address);
    if (body !== null) request.setRequestHeader("Content-Type", "application/x-www-form-urlencoded");
    request.onload = function () {
      if (mine !== asked || gone()) return;
      if (/^text\/html/.test(request.getResponseHeader("content-type") || "")) show(request.responseText, shownAs);
      else otherwise();
    };
    request.onerror = function () {
      if (mine === asked && !gone()) otherwise();
    };
    request.send(body);
  }

  function toTarget(id) {
    var target = document.getElementById(decodeURIComponent(id));
    if (!target) return;
    target.scrollIntoView();
    target.focus({ preventScroll: true });
  }

  function follow(address) {
    function plainly() {
      location.replace(address);
    }
    if (canShow) ask("GET", address, null, address, plainly);
    else plainly();
  }

  document.addEventListener("click", function (event) {
    var anchor = event.target;
    var plain = event.button === 0 && !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey);
    while (anchor && anchor.nodeName !== "A") anchor = anchor.parentNode;
    if (!anchor || !anchor.href || !plain || event.defaultPrevented) return;
    if (anchor.hasAttribute("data-leave")) {
      event.preventDefault();
      leave();
      return;
    }
    if (anchor.protocol !== location.protocol || anchor.host !== location.host) return;
    if (anchor.target || anchor.hasAttribute("download")) return;
    event.preventDefault();
    if (anchor.getAttribute("href").charAt(0) === "#") toTarget(anchor.hash.slice(1));
    else follow(anchor.href);
  });

  document.addEventListener("submit", function (event) {
    var form = event.target;
    var fields = [];
    if (!canShow || event.defaultPrevented || form.method !== "post") return;
    event.preventDefault();
    each(form.elements, function (field) {
      if (!field.name || field.disabled || (/^(checkbox|radio)$/.test(field.type) && !field.checked)) return;
      fields.push(encodeURIComponent(field.name) + "=" + encodeURIComponent(field.value));
    });
    ask("POST", form.action, fields.join("&"), "", function () {
      form.submit();
    });
  });

  // A page brought back from the browser's memory shows itself only if it was not left.
  window.addEventListener("pageshow", function (event) {
    if (event.persisted && gone()) leave();
  });
})();
