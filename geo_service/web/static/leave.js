// Leave quickly: the button, or Shift three times, goes to the weather and leaves no page of this site behind Back.
(() => {
  "use strict";
  const link = document.getElementById("leave");
  const count = document.getElementById("leave-count");
  const WITHIN_MS = 5000;
  let pressed = 0;
  let timer;

  const leave = () => {
    // Blank the page first: the next one may be slow to come.
    document.title = "Weather";
    document.body.classList.add("app-gone");
    location.replace(link.href);
  };

  link.addEventListener("click", (event) => {
    event.preventDefault();
    leave();
  });

  let alone = false;
  document.addEventListener("keydown", (event) => {
    alone = event.key === "Shift" && !event.repeat;
  });
  document.addEventListener("keyup", (event) => {
    // Shift held to write a capital letter is not meant.
    if (event.key !== "Shift" || !alone) return;
    pressed += 1;
    clearTimeout(timer);
    if (pressed === 3) {
      leave();
      return;
    }
    count.textContent = `Shift, press ${3 - pressed} more ${pressed === 2 ? "time" : "times"} to leave.`;
    timer = setTimeout(() => {
      pressed = 0;
      count.textContent = "";
    }, WITHIN_MS);
  });

  // Every page of this site takes the place of the one before it, so that Back, after leaving, finds none of them.
  document.addEventListener("click", (event) => {
    const anchor = event.target.closest("a[href]");
    const plain = event.button === 0 && !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey);
    if (!anchor || anchor === link || !plain || event.defaultPrevented || anchor.origin !== location.origin) return;
    event.preventDefault();
    location.replace(anchor.href);
  });

  // A page brought back from the browser's memory shows itself only if it was not left.
  addEventListener("pageshow", (event) => {
    if (event.persisted && document.body.classList.contains("app-gone")) location.replace(link.href);
  });
})();
