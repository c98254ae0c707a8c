// The public map, made when it is asked for. What a pin says is copied from the list. For browsers of 2016, in ES5.
window.appMap = function (element, load, failed) {
  "use strict";
  var L = window.L;
  var said = element.dataset;
  var SVG = "http://www.w3.org/2000/svg";
  var OUTLINES = {
    circle: "M16 2a14 14 0 1 0 .01 0z",
    square: "M3 3h26v26H3z",
    triangle: "M16 1l15 28H1z",
    diamond: "M16 1l15 15-15 15L1 16z",
    cross: "M10 2h12v8h8v12h-8v8H10v-8H2V10h8z",
    pentagon: "M16 1l15 11.5L25.5 30h-19L1 12.5z",
    star: "M16 0l4.6 10.4L32 11.6l-8.6 7.6L26 31l-10-6.2L6 31l2.6-11.8L0 11.6l11.4-1.2z",
    hexagon: "M9 3h14l8 13-8 13H9L1 16z",
    slant: "M10 4h22l-10 24H0z",
    dome: "M1 27V18a15 15 0 0 1 30 0v9z",
    several: "M2 6h22v22H2zM8 6V1h22v22h-6",
  };

  // A browser that knows modules draws the base map; an older one shows the outlines of the wards under the pins.
  var modern = "noModule" in document.createElement("script");

  function each(nodes, done) {
    Array.prototype.slice.call(nodes).forEach(done);
  }

  function svg(name, attributes) {
    var node = document.createElementNS(SVG, name);
    Object.keys(attributes).forEach(function (key) {
      node.setAttribute(key, attributes[key]);
    });
    return node;
  }

  function listed(id) {
    return document.getElementById("place-" + id);
  }

  function text(place, part) {
    var node = place.querySelector(part);
    return node ? node.textContent.trim() : "";
  }

  function named(place) {
    return text(place, ".app-place__number") + " " + text(place, "[itemprop=name]");
  }

  function words(places) {
    var box = document.createElement("div");
    places.forEach(function (place) {
      var copy = document.createElement("div");
      copy.className = "app-place";
      each(place.childNodes, function (node) {
        // Forms and ids stay in the list: two of an id would confuse labels and screen readers.
        if (node.nodeName !== "FORM") copy.appendChild(node.cloneNode(true));
      });
      each(copy.querySelectorAll("[id]"), function (node) {
        node.removeAttribute("id");
      });
      box.appendChild(copy);
    });
    return box;
  }

  function icon(shape, state, label) {
    var picture = svg("svg", { viewBox: "0 0 32 32", "aria-hidden": "true", focusable: "false" });
    var number = svg("text", { x: 16, y: shape === "triangle" ? 25 : 21, class: "app-pin__text--" + state });
    picture.appendChild(svg("path", { d: OUTLINES[shape] || OUTLINES.circle, class: "app-pin--" + state }));
    number.textContent = label;
    picture.appendChild(number);
    return L.divIcon({ className: "app-pin", html: picture, iconSize: [32, 32] });
  }

  function marked(map, pin) {
    var places = pin.places.map(listed).filter(Boolean);
    var position = [pin.lon_lat[1], pin.lon_lat[0]];
    var one = places.length === 1;
    var label, marker;
    if (!places.length) return null;
    label = one ? text(places[0], ".app-place__number").replace(".", "") : "+";
    marker = L.marker(position, {
      icon: icon(one || pin.shape !== "several" ? pin.shape : "several", pin.state, label),
      keyboard: true,
      riseOnHover: true,
      alt: "",
    });
    marker.on("add", function () {
      var node = marker.getElement();
      var name = places.map(named).join(", ");
      node.setAttribute("role", "button");
      node.setAttribute("aria-label", (one ? "" : said.several + ": ") + name + ", " + said[pin.state]);
    });
    marker.bindPopup(
      function () {
        return words(places);
      },
      {
        maxHeight: 260,
        maxWidth: Math.max(180, Math.min(280, element.clientWidth - 120)),
        minWidth: 160,
        autoPanPaddingTopLeft: [64, 8],
      }
    );
    marker.addTo(map);
    return position;
  }

  // Escape closes what a pin says, and the keyboard goes on from that pin.
  function listen(map) {
    map.on("popupopen", function (event) {
      var close = event.popup.getElement().querySelector(".leaflet-popup-close-button");
      if (!close) return;
      close.setAttribute("aria-label", said.close);
      close.focus();
    });
    // Leaflet hears Escape only while the map itself has the focus, not a pin or what it opened.
    element.addEventListener("keydown", function (event) {
      if (event.keyCode === 27) map.closePopup();
    });
    map.on("popupclose", function (event) {
      var source = event.popup._source && event.popup._source.getElement();
      if (source && document.activeElement !== element) source.focus();
    });
  }

  function draw(data) {
    var still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    var bounds = [];
    var map, here, stamp;
    element.textContent = "";
    map = L.map(element, {
      zoomSnap: 0.25,
      maxZoom: 18,
      minZoom: 8,
      attributionControl: false,
      zoomControl: false,
      zoomAnimation: !still,
      fadeAnimation: false,
      markerZoomAnimation: !still,
    });
    L.control.zoom({ zoomInTitle: said.zoomIn, zoomOutTitle: said.zoomOut }).addTo(map);
    L.control.scale({ imperial: false, maxWidth: 160 }).addTo(map);

    data.pins.forEach(function (pin) {
      var position = marked(map, pin);
      if (position) bounds.push(position);
    });
    listen(map);

    if (said.at) {
      here = said.at.split(",").map(Number);
      L.circleMarker(here, { radius: 9, color: "#0b0c0c", weight: 4, fillColor: "#fd0", fillOpacity: 1, interactive: false })
        .addTo(map)
        .bindTooltip(said.you, { permanent: true, direction: "top", offset: [0, -8] });
      bounds.push(here);
    }
    if (data.outline && !(data.tiles && modern)) {
      L.geoJSON(data.outline, { interactive: false, style: { color: "#505a5f", weight: 1.5, fillColor: "#fff", fillOpacity: 1 } })
        .addTo(map)
        .bringToBack();
    }
    if (said.demonstration !== undefined) {
      stamp = L.control({ position: "bottomright" });
      stamp.onAdd = function () {
        var node = L.DomUtil.create("strong", "app-stamp");
        node.textContent = said.demonstration;
        return node;
      };
      stamp.addTo(map);
    }
    if (bounds.length) map.fitBounds(L.latLngBounds(bounds).pad(0.15), { maxZoom: 16 });
    if (!data.tiles || !modern) return;
    load(
      "/static/public-basemap.js",
      function () {
        if (window.appBaseMap) window.appBaseMap(L, map, data.tiles).catch(function () {});
      },
      "module"
    );
  }

  var request = new XMLHttpRequest();
  request.open("GET", said.source);
  request.onload = function () {
    if (request.status !== 200) {
      failed();
      return;
    }
    try {
      draw(JSON.parse(request.responseText));
    } catch (problem) {
      failed();
    }
  };
  request.onerror = failed;
  request.send();
};
