// What the public pages offer only with JavaScript: the phone's own position, and the map. For browsers of 2016, in ES5.
(function () {
  "use strict";

  function at(id) {
    return document.getElementById(id);
  }

  function prepare() {
    var locate = at("locate");
    var show = at("show-map");
    if (locate && navigator.geolocation) locate.hidden = false;
    if (show) show.hidden = false;
    Array.prototype.slice.call(document.querySelectorAll(".app-needs-script")).forEach(function (node) {
      node.hidden = true;
    });
  }

  // --- the position: asked for only when pressed, and sent in the body of the form alone ---

  function locate(button) {
    var said = at("locate-said");
    said.textContent = button.getAttribute("data-wait");
    navigator.geolocation.getCurrentPosition(
      function (found) {
        var form = at("search");
        // Whoever has gone on meanwhile asked for something else.
        if (!form || !document.body.contains(button)) return;
        at("where").value = "";
        at("at").value = found.coords.latitude.toFixed(5) + "," + found.coords.longitude.toFixed(5);
        said.textContent = "";
        form.querySelector("[type=submit]").click();
      },
      function () {
        said.textContent = button.getAttribute("data-refused");
      },
      { timeout: 15000, maximumAge: 60000, enableHighAccuracy: true }
    );
  }

  // --- the map: loaded only when asked for ---

  function script(address, done, type) {
    var node = document.createElement("script");
    if (type) node.type = type;
    node.src = address;
    node.onload = function () {
      done(true);
    };
    node.onerror = function () {
      done(false);
    };
    document.head.appendChild(node);
  }

  function style(address, done) {
    var node = document.createElement("link");
    node.rel = "stylesheet";
    node.href = address;
    node.onload = node.onerror = done;
    document.head.appendChild(node);
  }

  function load(done) {
    if (window.appMap) {
      done(true);
      return;
    }
    style("/assets/leaflet/leaflet.css", function () {
      script("/assets/leaflet/leaflet.js", function (there) {
        if (there) script(document.body.getAttribute("data-map-script"), done);
        else done(false);
      });
    });
  }

  function toggle(button) {
    var panel = at("map-panel");
    var map = at("map");
    panel.hidden = !panel.hidden;
    button.setAttribute("aria-expanded", String(!panel.hidden));
    if (panel.hidden) return;
    map.focus();
    if (map.getAttribute("data-drawn")) return;
    map.setAttribute("data-drawn", "yes");
    function failed() {
      map.classList.remove("app-map");
      map.textContent = map.getAttribute("data-failed");
    }
    load(function (there) {
      if (there) window.appMap(map, script, failed);
      else failed();
    });
  }

  document.addEventListener("click", function (event) {
    var button = event.target;
    while (button && button.nodeName !== "BUTTON") button = button.parentNode;
    if (!button) return;
    if (button.id === "locate") locate(button);
    if (button.id === "show-map") toggle(button);
  });
  document.addEventListener("app-shown", prepare);
  prepare();
})();
