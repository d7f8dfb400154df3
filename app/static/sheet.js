// A queued save is put together when it is its turn: with the version that the answer before it brought.
document.addEventListener("htmx:before:request", (event) => {
  const { ctx } = event.detail;
  if (ctx.sourceElement.matches(".votum-criterion")) ctx.request.body = new URLSearchParams(new FormData(ctx.sourceElement));
});
