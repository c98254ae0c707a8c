// The public map, made when it is asked for. What a pin says is copied from the list. For browsers of 2016 on.
window.appMap = (element, load) => {
  "use strict";
  const L = window.L;
  const said = element.dataset;
  const SVG = "http://www.w3.org/2000/svg";
  const OUTLINES = {
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

  const svg = (name, attributes) => {
    const node = document.createElementNS(SVG, name);
    for (const key of Object.keys(attributes)) node.setAttribute(key, attributes[key]);
    return node;
  };

  const listed = (id) => document.getElementById(`place-${id}`);
  const text = (place, part) => {
    const node = place.querySelector(part);
    return node ? node.textContent.trim() : "";
  };

  const words = (places) => {
    const box = document.createElement("div");
    for (const place of places) {
      const copy = document.createElement("div");
      copy.className = "app-place";
      for (const node of place.childNodes) {
        // Forms and ids stay in the list: two of an id would confuse labels and screen readers.
        if (node.nodeName !== "FORM") copy.appendChild(node.cloneNode(true));
      }
      for (const node of copy.querySelectorAll("[id]")) node.removeAttribute("id");
      box.appendChild(copy);
    }
    return box;
  };

  const icon = (shape, state, label) => {
    const picture = svg("svg", { viewBox: "0 0 32 32", "aria-hidden": "true", focusable: "false" });
    picture.appendChild(svg("path", { d: OUTLINES[shape] || OUTLINES.circle, class: `app-pin--${state}` }));
    const number = svg("text", { x: 16, y: shape === "triangle" ? 25 : 21, class: `app-pin__text--${state}` });
    number.textContent = label;
    picture.appendChild(number);
    return L.divIcon({ className: "app-pin", html: picture, iconSize: [32, 32] });
  };

  const draw = (data) => {
    element.textContent = "";
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const map = L.map(element, {
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

    const bounds = [];
    for (const pin of data.pins) {
      const places = pin.places.map(listed).filter(Boolean);
      if (!places.length) continue;
      const position = [pin.lon_lat[1], pin.lon_lat[0]];
      const one = places.length === 1;
      const label = one ? text(places[0], ".app-place__number").replace(".", "") : "+";
      const name = places
        .map((place) => `${text(place, ".app-place__number")} ${text(place, "[itemprop=name]")}`)
        .join(", ");
      const marker = L.marker(position, {
        icon: icon(one || pin.shape !== "several" ? pin.shape : "several", pin.state, label),
        keyboard: true,
        riseOnHover: true,
        alt: "",
      });
      marker.on("add", () => {
        const node = marker.getElement();
        node.setAttribute("role", "button");
        node.setAttribute("aria-label", `${one ? "" : `${said.several}: `}${name}, ${said[pin.state]}`);
      });
      marker.bindPopup(() => words(places), {
        maxHeight: 260,
        maxWidth: Math.max(180, Math.min(280, element.clientWidth - 120)),
        minWidth: 160,
        autoPanPaddingTopLeft: [64, 8],
      });
      marker.addTo(map);
      bounds.push(position);
    }
    // Esc closes what a pin says, and the keyboard goes on from that pin.
    map.on("popupopen", (event) => {
      const close = event.popup.getElement().querySelector(".leaflet-popup-close-button");
      if (close) {
        close.setAttribute("aria-label", said.close);
        close.focus();
      }
    });
    // Leaflet hears Escape only while the map itself has the focus, not a pin or what it opened.
    element.addEventListener("keydown", (event) => {
      if (event.key === "Escape") map.closePopup();
    });
    map.on("popupclose", (event) => {
      const source = event.popup._source && event.popup._source.getElement();
      if (source && document.activeElement !== element) source.focus();
    });

    if (said.at) {
      const here = said.at.split(",").map(Number);
      L.circleMarker(here, { radius: 9, color: "#0b0c0c", weight: 4, fillColor: "#fd0", fillOpacity: 1, interactive: false })
        .addTo(map)
        .bindTooltip(said.you, { permanent: true, direction: "top", offset: [0, -8] });
      bounds.push(here);
    }
    if (data.outline && !data.tiles) {
      L.geoJSON(data.outline, { interactive: false, style: { color: "#505a5f", weight: 1.5, fillColor: "#fff", fillOpacity: 1 } })
        .addTo(map)
        .bringToBack();
    }
    if (said.demonstration !== undefined) {
      const stamp = L.control({ position: "bottomright" });
      stamp.onAdd = () => {
        const node = L.DomUtil.create("strong", "app-stamp");
        node.textContent = said.demonstration;
        return node;
      };
      stamp.addTo(map);
    }
    if (bounds.length) map.fitBounds(L.latLngBounds(bounds).pad(0.15), { maxZoom: 16 });
    if (data.tiles && window.Promise) {
      load("/static/public-basemap.js", "module")
        .then(() => window.appBaseMap && window.appBaseMap(L, map, data.tiles))
        .catch(() => {});
    }
  };

  return fetch(said.source, { credentials: "omit", cache: "no-store", referrerPolicy: "no-referrer" })
    .then((answer) => {
      if (!answer.ok) throw new Error(String(answer.status));
      return answer.json();
    })
    .then(draw);
};
