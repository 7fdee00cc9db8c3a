// The registration form while somebody talks: it asks for suggestions as the
// words come, puts them into fields that nobody has touched, and loses nothing.
(function () {
  "use strict";
  const form = document.getElementById("register");
  if (!form) return;
  const key = "draft.register", quiet = 400;
  const skipped = new Set(["_csrf", "client_id"]);
  let timer = 0;

  function ask() {
    const box = document.getElementById("suggest");
    if (box) box.dispatchEvent(new CustomEvent("typed", { bubbles: false }));
  }

  // What a person has changed stays as it is.
  form.addEventListener("input", function (e) {
    if (e.target.name) e.target.dataset.touched = "1";
    keep();
    clearTimeout(timer);
    timer = setTimeout(ask, quiet);
  });

  function put(name, value) {
    const field = form.elements[name];
    if (!field || field.dataset === undefined || field.dataset.touched || field.value === value) return;
    if (field.value && !field.dataset.suggested) return;
    field.value = value;
    field.dataset.suggested = "1";
  }
  document.addEventListener("htmx:afterSwap", function () {
    document.querySelectorAll("#suggest [data-suggest]").forEach((s) => put(s.dataset.suggest, s.dataset.value));
  });
  document.addEventListener("click", function (e) {
    const kind = e.target.closest("[data-kind]");
    if (kind) {
      form.querySelectorAll("[name=kind]").forEach((r) => { r.checked = r.value === kind.dataset.kind; });
      ask();
    }
    if (e.target.closest("[data-forget]")) { sessionStorage.removeItem(key); location.reload(); }
  });
  form.addEventListener("keydown", function (e) {
    if (e.key === "Enter" && (e.ctrlKey || e.metaKey)) { e.preventDefault(); form.requestSubmit(form.querySelector("[data-main]")); }
  });

  // The draft outlives a lost session and a broken connection; the page of
  // the new ticket takes it away (desk.js).
  function values() {
    const out = {};
    new FormData(form).forEach((value, name) => { if (!skipped.has(name)) out[name] = value; });
    return out;
  }
  form.addEventListener("submit", function (e) {
    if (!e.submitter || e.submitter.name !== "look") sessionStorage.setItem(key + ".sent", "1");
  });
  function keep() { sessionStorage.setItem(key, JSON.stringify(values())); }
  function restore() {
    const text = form.elements.description;
    const draft = JSON.parse(sessionStorage.getItem(key) || "null");
    if (!draft || text.value || !draft.description || (draft.conversation || "") !== form.elements.conversation.value) return;
    form.querySelectorAll("[type=checkbox]").forEach((box) => { box.checked = box.name in draft; });
    Object.entries(draft).forEach(function ([name, value]) {
      const field = form.elements[name];
      if (!field || name === "call") return;
      if (field instanceof RadioNodeList) field.forEach((r) => { r.checked = r.value === value; });
      else if (field.type !== "checkbox") field.value = value;
    });
    document.getElementById("restored").hidden = false;
  }
  document.addEventListener("DOMContentLoaded", function () {
    sessionStorage.removeItem(key + ".sent");
    restore();
    ask();
  });
})();
