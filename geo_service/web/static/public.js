// What the public pages offer only with JavaScript: the phone's own position, and the map. For browsers of 2016 on.
(() => {
  "use strict";
  const at = (id) => document.getElementById(id);

  const prepare = () => {
    const locate = at("locate");
    if (locate && navigator.geolocation) locate.hidden = false;
    const show = at("show-map");
    if (show) show.hidden = false;
    for (const node of document.querySelectorAll(".app-needs-script")) node.hidden = true;
  };

  // --- the position: asked for only when pressed, and sent in the body of the form alone ---

  const locate = (button) => {
    const said = at("locate-said");
    said.textContent = button.dataset.wait;
    navigator.geolocation.getCurrentPosition(
      (found) => {
        const form = at("search");
        if (!form) return;
        at("where").value = "";
        at("at").value = `${found.coords.latitude.toFixed(5)},${found.coords.longitude.toFixed(5)}`;
        said.textContent = "";
        form.querySelector("[type=submit]").click();
      },
      () => {
        said.textContent = button.dataset.refused;
      },
      { timeout: 15000, maximumAge: 60000, enableHighAccuracy: true }
    );
  };

  // --- the map: loaded only when asked for ---

  const script = (address, type) =>
    new Promise((resolve, reject) => {
      const node = document.createElement("script");
      if (type) node.type = type;
      node.src = address;
      node.onload = resolve;
      node.onerror = () => reject(new Error(address));
      document.head.appendChild(node);
    });

  const style = (address) =>
    new Promise((resolve) => {
      const node = document.createElement("link");
      node.rel = "stylesheet";
      node.href = address;
      node.onload = resolve;
      node.onerror = resolve;
      document.head.appendChild(node);
    });

  let loading;
  const load = () => {
    if (!loading) {
      loading = Promise.all([style("/assets/leaflet/leaflet.css"), script("/assets/leaflet/leaflet.js")]).then(() =>
        script(document.body.dataset.mapScript)
      );
    }
    return loading;
  };

  const toggle = (button) => {
    const panel = at("map-panel");
    panel.hidden = !panel.hidden;
    button.setAttribute("aria-expanded", String(!panel.hidden));
    if (panel.hidden) return;
    const map = at("map");
    map.focus();
    if (map.dataset.drawn) return;
    map.dataset.drawn = "yes";
    load()
      .then(() => window.appMap(map, script))
      .catch(() => {
        map.classList.remove("app-map");
        map.textContent = map.dataset.failed;
      });
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest && event.target.closest("button");
    if (!button) return;
    if (button.id === "locate") locate(button);
    if (button.id === "show-map") toggle(button);
  });
  document.addEventListener("app-shown", prepare);
  prepare();
})();
