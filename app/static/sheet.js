/*
  How a criterion of the sheet saves itself. One mark is one save: what counts is where the person stops, not the way there.

    at rest   what stands in the form is stored, or nothing was entered.
    waiting   something changed. A mark by mouse or touch goes at once, by keyboard after a second without another, words
              after three; either goes when the focus leaves it, when another form is sent, when the page is hidden or left.
    sending   one request at a time (hx-sync). What changes meanwhile waits, and goes with the version that the answer brings.
    failed    not stored: no connection, signed out, refused (data-changed). The next change or the button tries again.
    outrun    another window stored something since (data-outrun). Nothing goes by itself; the person's button decides.

  at rest, failed → waiting → sending → at rest, failed, outrun;  outrun → sending.
  A request outlives its page (keepalive). Leaving asks only where that does not help: after a failure, without a connection,
  or while a change waits behind a request. A form that would leave the page waits until nothing is under way.
*/
(() => {
  if (!window.htmx) return;
  document.documentElement.classList.add("votum-live"); // the buttons that save by hand can go

  const waiting = new Map(); // a criterion's form and its clock
  const sending = new Set();
  let held; // a form of another kind that is sent when nothing is under way

  const patience = (field) => {
    if (field.matches("textarea")) return 3000;
    if (field.matches("[type=text]")) return Infinity; // half a number is no mark
    return field.matches(":focus-visible") ? 1000 : 0;
  };
  const send = (form) => {
    clearTimeout(waiting.get(form));
    if (form.matches("[data-outrun]")) waiting.delete(form);
    else form.dispatchEvent(new Event("votum:save"));
  };
  const sendAll = () => [...waiting.keys()].forEach(send);
  const busy = () => waiting.size + sending.size > 0;

  document.addEventListener("input", (event) => {
    const form = event.target.closest("form.votum-criterion");
    if (!form) return;
    clearTimeout(waiting.get(form));
    const pause = patience(event.target);
    waiting.set(form, pause > 0 && pause < Infinity ? setTimeout(send, pause, form) : undefined);
    if (pause === 0) send(form);
  });
  document.addEventListener("focusout", (event) => {
    const form = event.target.closest("form.votum-criterion");
    const left = event.target.closest(".votum-scale") || event.target;
    if (waiting.has(form) && !left.contains(event.relatedTarget)) send(form);
  });

  // A queued save is put together when it is its turn.
  document.addEventListener("htmx:before:request", (event) => {
    const { request, sourceElement: form } = event.detail.ctx;
    if (!form.matches(".votum-criterion")) return;
    clearTimeout(waiting.get(form));
    waiting.delete(form);
    if (form.matches("[data-outrun]") && request.body.get("version") !== form.elements.version.value) return event.preventDefault();
    request.body = new URLSearchParams(new FormData(form));
    request.keepalive = true;
    sending.add(form);
  });
  document.addEventListener("htmx:finally:request", (event) => {
    sending.delete(event.detail.ctx.sourceElement);
    setTimeout(goOn); // after what was queued has begun
  });

  // Handing in, signing out: what was entered last comes first, and what could not be stored holds them up.
  document.addEventListener("submit", (event) => {
    if (event.target.matches(".votum-criterion") || !busy()) return;
    event.preventDefault();
    held = event;
    goOn();
  }, true);
  const goOn = () => {
    if (!held) return;
    sendAll();
    if (busy()) return;
    const { target: form, submitter } = held;
    held = undefined;
    const failed = document.querySelector("form.votum-criterion[data-changed]");
    if (failed) failed.querySelector(":checked, textarea").focus();
    else form.requestSubmit(submitter);
  };

  addEventListener("beforeunload", (event) => {
    sendAll();
    if (waiting.size || (sending.size && !navigator.onLine)) event.preventDefault();
  });
  addEventListener("pagehide", sendAll);
  document.addEventListener("visibilitychange", () => { if (document.hidden) sendAll(); });
})();
