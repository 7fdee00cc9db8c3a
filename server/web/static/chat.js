// The resident's chat. What is written is kept in the browser until the
// server has confirmed it: a double tap, a lost connection or a reload sends
// it once, under the id it was given here.
(function () {
  "use strict";
  const { append, after, atEnd, toEnd } = window.quandesk;
  const store = "quandesk.pending", retryEvery = 4000, limit = 20000;
  let list, box, form, field, file, newer, sending = false, files = new Map();

  function newId() {
    if (crypto.randomUUID) return crypto.randomUUID();
    const b = crypto.getRandomValues(new Uint8Array(16));
    b[6] = b[6] & 15 | 64;
    b[8] = b[8] & 63 | 128;
    const h = [...b].map((x) => x.toString(16).padStart(2, "0")).join("");
    return [h.slice(0, 8), h.slice(8, 12), h.slice(12, 16), h.slice(16, 20), h.slice(20)].join("-");
  }

  function pending() { try { return JSON.parse(localStorage.getItem(store)) || []; } catch { return []; } }
  function keep(all) { try { localStorage.setItem(store, JSON.stringify(all)); } catch { /* private mode: this page only */ } memory = all; }
  let memory = [];
  function waiting() { const all = pending(); return all.length ? all : memory; }
  function forget(id) { keep(waiting().filter((m) => m.id !== id)); files.delete(id); }
  function mark(id, refused) { keep(waiting().map((m) => m.id === id ? { ...m, refused } : m)); }

  // draw shows a message that is not confirmed yet where its stored copy will stand.
  function draw(m, state) {
    const id = "c-" + m.id;
    const old = document.getElementById(id);
    if (old && old.dataset.id) return;
    const li = document.getElementById("draft-message").content.firstElementChild.cloneNode(true);
    li.id = id;
    const bubble = li.querySelector(".bubble"), picture = li.querySelector(".msg-image");
    if (m.text) bubble.textContent = m.text; else bubble.remove();
    const f = files.get(m.id);
    if (f) picture.firstElementChild.src = URL.createObjectURL(f); else picture.remove();
    const note = li.querySelector(".sent");
    if (state === "failed") {
      note.classList.add("sent--failed");
      const again = document.createElement("button");
      again.type = "button";
      again.textContent = m.refused || "未发出，点按重试";
      again.addEventListener("click", function () { mark(m.id, ""); draw({ ...m, refused: "" }, ""); send(); });
      note.replaceChildren(again);
    } else {
      note.textContent = "发送中…";
    }
    if (old) old.replaceWith(li); else list.append(li);
  }

  async function post(m) {
    const body = new FormData();
    body.set("_csrf", form.elements._csrf.value);
    body.set("client_id", m.id);
    body.set("text", m.text);
    if (files.has(m.id)) body.set("image", files.get(m.id));
    const stop = new AbortController(), timer = setTimeout(() => stop.abort(), limit);
    try {
      return await fetch(files.has(m.id) ? form.getAttribute("action") : form.dataset.text, {
        method: "POST", body, signal: stop.signal, credentials: "same-origin", headers: { "HX-Request": "true" },
      });
    } finally { clearTimeout(timer); }
  }

  // again allows one reload a minute, so that a page without cookies does not
  // reload for ever.
  function again() {
    try {
      const last = Number(sessionStorage.getItem("quandesk.reloaded"));
      if (Date.now() - last < 60000) return false;
      sessionStorage.setItem("quandesk.reloaded", String(Date.now()));
      return true;
    } catch { return false; }
  }

  // send takes the waiting messages in order, one at a time.
  async function send() {
    if (sending) return;
    sending = true;
    for (let m; (m = waiting().find((x) => !x.refused));) {
      try {
        const r = await post(m);
        if (r.ok) {
          forget(m.id);
          show(await r.text(), true);
          offline(false);
          continue;
        }
        if (r.status === 401 || r.status === 403) { // the conversation of this page has ended
          if (again()) { location.reload(); break; }
          waiting().forEach((x) => draw(x, "failed"));
          break;
        }
        if (r.status < 500 && r.status !== 429) {
          mark(m.id, r.headers.get("X-Reason") ? decodeURIComponent(r.headers.get("X-Reason")) : "未发出，点按重试");
          draw(waiting().find((x) => x.id === m.id), "failed");
          continue;
        }
      } catch { offline(!navigator.onLine); }
      waiting().forEach((x) => draw(x, "failed"));
      setTimeout(send, retryEvery + Math.random() * retryEvery);
      break;
    }
    sending = false;
  }

  function say(text) {
    const picture = file.files[0];
    text = text.trim();
    if (!text && !picture) return;
    const m = { id: newId(), text };
    if (picture) files.set(m.id, picture);
    keep([...waiting(), m]);
    draw(m, "");
    unpick();
    toEnd(box);
    send();
  }

  function show(html, mine) {
    const end = atEnd(box);
    const added = append(list, html);
    if (added.length && !mine) draftOf("");
    waiting().forEach((m) => { const li = document.getElementById("c-" + m.id); if (li) list.append(li); });
    const welcome = document.getElementById("welcome");
    if (welcome && added.length) welcome.hidden = list.querySelector("[data-id]") !== null;
    if (mine || end) toEnd(box); else if (added.length) newer.hidden = false;
  }

  // draftOf shows a generated answer while it grows; its stored message takes
  // its place.
  function draftOf(text) {
    const el = document.getElementById("growing"), end = atEnd(box);
    el.querySelector(".bubble").textContent = text;
    el.hidden = !text;
    if (end) toEnd(box);
  }

  async function refetch() {
    const url = new URL(list.dataset.src, location.href);
    url.searchParams.set("after", after(list));
    try {
      const r = await fetch(url, { credentials: "same-origin", headers: { "HX-Request": "true" } });
      if (!r.ok) return;
      offline(false);
      show(await r.text(), false);
    } catch { offline(!navigator.onLine); }
  }

  async function refetchState() {
    const state = document.getElementById("chat-state");
    try {
      const r = await fetch(state.dataset.src, { credentials: "same-origin", headers: { "HX-Request": "true" } });
      if (r.ok) state.replaceChildren(...new DOMParser().parseFromString(await r.text(), "text/html").body.children);
    } catch { /* the list says so */ }
  }

  // vote tells that an answer was of no use; without a network the button stays.
  async function vote(f) {
    try {
      const r = await fetch(f.action, { method: "POST", body: new FormData(f), credentials: "same-origin", headers: { "HX-Request": "true" } });
      if (r.ok) f.replaceWith(...new DOMParser().parseFromString(await r.text(), "text/html").body.children);
    } catch { offline(!navigator.onLine); }
  }

  function offline(yes) { document.getElementById("offline").hidden = !yes; }

  function unpick() {
    file.value = "";
    const strip = document.getElementById("picked"), img = strip.querySelector("img");
    if (img.src) URL.revokeObjectURL(img.src);
    strip.hidden = true;
  }

  function pick() {
    if (!file.files[0]) return unpick();
    const strip = document.getElementById("picked");
    strip.querySelector("img").src = URL.createObjectURL(file.files[0]);
    strip.hidden = false;
    field.focus();
  }

  function grow() { field.style.height = "auto"; field.style.height = Math.min(field.scrollHeight + 3, 180) + "px"; }

  function size(large) {
    document.documentElement.classList.toggle("large", large);
    const b = document.getElementById("size");
    if (b) b.setAttribute("aria-pressed", String(large));
  }

  function start() {
    const b = document.getElementById("size");
    let large = false;
    try { large = localStorage.getItem("quandesk.large") === "1"; } catch { /* the usual size */ }
    if (b) {
      b.hidden = false;
      size(large);
      b.addEventListener("click", function () {
        large = !large;
        size(large);
        try { localStorage.setItem("quandesk.large", large ? "1" : "0"); } catch { /* this page only */ }
      });
    }
    form = document.getElementById("composer");
    if (!form) return;
    list = document.getElementById("messages");
    box = document.getElementById("scroll");
    field = form.elements.text;
    file = form.elements.image;
    newer = document.getElementById("newer");
    form.addEventListener("submit", function (e) {
      e.preventDefault();
      say(field.value);
      field.value = "";
      grow();
      field.focus();
    });
    field.addEventListener("input", grow);
    field.addEventListener("keydown", function (e) {
      if (e.key === "Enter" && !e.shiftKey && !e.isComposing && matchMedia("(pointer: fine)").matches) {
        e.preventDefault();
        form.requestSubmit();
      }
    });
    let said = 0;
    document.addEventListener("click", function (e) {
      const quick = e.target.closest("[data-say]");
      if (!quick) return;
      e.preventDefault();
      if (Date.now() - said < 1500) return; // the second tap of a double tap
      said = Date.now();
      say(quick.dataset.say);
    });
    list.addEventListener("submit", function (e) {
      if (!e.target.matches(".vote")) return;
      e.preventDefault();
      vote(e.target);
    });
    file.addEventListener("change", pick);
    document.getElementById("unpick").addEventListener("click", unpick);
    newer.addEventListener("click", function () { toEnd(box); newer.hidden = true; });
    box.addEventListener("scroll", function () { if (atEnd(box)) newer.hidden = true; }, { passive: true });
    list.addEventListener("live", refetch);
    document.getElementById("chat-state").addEventListener("live", refetchState);
    document.getElementById("growing").addEventListener("draft", (e) => draftOf(e.detail));
    window.addEventListener("offline", () => offline(true));
    window.addEventListener("online", function () { offline(false); send(); refetch(); });
    window.addEventListener("resize", () => toEnd(box));
    waiting().forEach((m) => draw(m, m.refused ? "failed" : ""));
    toEnd(box);
    send();
  }

  document.addEventListener("DOMContentLoaded", start);
})();
