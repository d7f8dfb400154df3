// A queued save is put together when it is its turn: with the version that the answer before it brought.
// What was queued before another window's mark came to light waits for the person's own word.
document.addEventListener("htmx:before:request", (event) => {
  const { request, sourceElement: form } = event.detail.ctx;
  if (!form.matches(".votum-criterion")) return;
  if (form.matches("[data-outrun]") && request.body.get("version") !== form.elements.version.value) event.preventDefault();
  else request.body = new URLSearchParams(new FormData(form));
});
