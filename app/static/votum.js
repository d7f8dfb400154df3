// Comfort only: every page works without this file. No storage, no cookies, no inline styles.
(() => {
  const announcement = document.getElementById("announcement");
  const announce = (text) => { announcement.textContent = ""; setTimeout(() => { announcement.textContent = text; }, 100); };

  // Once, when it comes: whoever has moved on is not pulled back by the next swap.
  const focusErrors = () => {
    const summary = document.querySelector("#error-summary[autofocus]");
    summary?.focus();
    summary?.removeAttribute("autofocus");
  };

  // The server counts code points with line breaks as one character; so do we.
  const count = (area) => {
    const counter = document.getElementById(area.dataset.count);
    const left = area.dataset.max - [...area.value].length;
    counter.textContent = counter.dataset[left < 0 ? "over" : "left"].replace("{n}", Math.abs(left).toLocaleString(document.documentElement.lang));
    counter.classList.toggle("votum-count--over", left < 0);
    return { left, text: counter.textContent };
  };
  const countAll = () => document.querySelectorAll("textarea[data-count]").forEach(count);

  let pause;
  document.addEventListener("input", (event) => {
    if (event.target.matches("textarea[data-count]")) {
      const { left, text } = count(event.target);
      clearTimeout(pause);
      if (left < 100) pause = setTimeout(() => announce(text), 1000);
    }
    event.target.closest("form[data-guard]")?.setAttribute("data-changed", "");
  });

  // A form with data-guard asks before a changed text is left behind, and one that came back refused from the start.
  // A form that htmx sends does not leave the page: it goes on asking until the answer replaces it.
  if (document.getElementById("error-summary")) document.querySelectorAll("form[data-guard]").forEach((form) => form.setAttribute("data-changed", ""));
  document.addEventListener("submit", (event) => { if (!event.defaultPrevented) event.target.removeAttribute("data-changed"); });
  addEventListener("beforeunload", (event) => { if (document.querySelector("form[data-changed]")) event.preventDefault(); });

  // A screen reader hears what a swap brought: "saved", or why not.
  let refused;
  document.addEventListener("htmx:after:swap", () => {
    const error = document.getElementById(refused)?.querySelector(".kern-error");
    const said = document.querySelector(".votum-saved[data-new]:not(:empty)") || error;
    if (said) announce(said.textContent.trim());
    error?.scrollIntoView({ block: "nearest" });
    said?.removeAttribute("data-new");
    refused = undefined;
    countAll();
    focusErrors();
  });
  const failed = (event) => {
    const status = event.detail.ctx?.response?.status;
    if (status === 409 || status === 422) { refused = event.target.id; return; }
    const signedOut = [401, 403].includes(status) && event.target.closest("[data-signed-out]")?.dataset.signedOut;
    const text = signedOut || announcement.dataset.failed;
    announce(text);
    const form = event.target.closest("form");
    const said = form?.querySelector(".votum-saved");
    if (!said) return;
    said.textContent = text;
    said.className = "votum-saved votum-saved--failed";
    form.querySelector(".votum-sign-in").hidden = !signedOut;
    if (!signedOut) form.querySelector(".votum-manual")?.classList.remove("votum-manual"); // to try again
    form.setAttribute("data-changed", "");
  };
  document.addEventListener("htmx:error", failed);
  document.addEventListener("htmx:response:error", failed);

  // What the server says above a page was there before anybody listened; said again, it is heard.
  const flashes = document.querySelectorAll(".votum-flashes .kern-title");
  if (flashes.length) announce([...flashes].map((flash) => flash.textContent.trim()).join(" "));

  // A frame is a stop for the keyboard while there is something to scroll.
  const frames = new ResizeObserver((changed) => changed.forEach(({ target: frame }) => {
    const scrolls = frame.scrollWidth > frame.clientWidth || frame.scrollHeight > frame.clientHeight;
    if (scrolls) frame.tabIndex = 0;
    else frame.removeAttribute("tabindex");
  }));
  document.querySelectorAll(".votum-scroll[role=region]").forEach((frame) => frames.observe(frame));

  countAll();
  focusErrors();
})();
