// The desk: lists that stay in place while they change, a composer that
// loses nothing, toasts for what failed, and keys for the whole shift.
(function () {
  "use strict";
  const { append, replace, after, atEnd, toEnd } = window.quandesk;

  htmx.defineExtension("keyed", {
    isInlineSwap: function () { return true; },
    handleSwap: function (style, target, fragment) {
      const box = target.closest("[data-scroll]");
      const end = box && atEnd(box);
      if (style === "append") {
        const added = append(target, fragment);
        if (box && end) toEnd(box);
        else if (added.length && document.getElementById("newer")) document.getElementById("newer").hidden = false;
        added.forEach((el) => htmx.process(el));
        return added;
      }
      if (style === "replace") {
        const had = new Set([...target.children].map((el) => el.id));
        const added = replace(target, fragment);
        added.forEach(function (el) { if (!had.has(el.id)) el.classList.add("is-new"); htmx.process(el); });
        current();
        return added.length ? added : [target];
      }
      return false;
    },
  });

  // What a request needs to know of the page.
  document.addEventListener("htmx:configRequest", function (e) {
    const el = e.detail.elt, event = e.detail.triggeringEvent;
    if (el.matches("[data-after]")) e.detail.parameters.after = after(el);
    if (el.id === "rows") e.detail.parameters.limit = Math.max(50, el.children.length);
    if (event && event.type === "live") e.detail.headers["X-Background"] = "1"; // does not keep the session alive
  });

  function current() {
    const open = document.getElementById("thread");
    const id = open && open.dataset.conversation ? "row-" + open.dataset.conversation : "";
    document.querySelectorAll("#rows a").forEach(function (a) {
      if (a.parentNode.id === id) a.setAttribute("aria-current", "true"); else a.removeAttribute("aria-current");
    });
    document.querySelector(".inbox")?.classList.toggle("inbox--open", id !== "");
  }

  const name = document.title;
  function title() {
    const n = Number(document.getElementById("views")?.dataset.waiting || 0);
    document.title = n ? "(" + n + ") " + name : name;
  }

  // drafts: switching threads keeps what was typed in each.
  function draftKey() { const t = document.getElementById("thread"); return t && t.dataset.conversation ? "draft." + t.dataset.conversation : ""; }
  document.addEventListener("input", function (e) {
    if (e.target.id !== "reply" || !draftKey()) return;
    sessionStorage.setItem(draftKey(), e.target.value);
    fit(e.target);
  });
  function fit(t) { t.style.height = "auto"; t.style.height = Math.min(t.scrollHeight + 3, 220) + "px"; }

  function opened() {
    const reply = document.getElementById("reply"), box = document.getElementById("scroll");
    if (reply && draftKey()) { reply.value = sessionStorage.getItem(draftKey()) || ""; fit(reply); }
    if (box) { toEnd(box); box.addEventListener("scroll", function () { if (atEnd(box)) document.getElementById("newer").hidden = true; }, { passive: true }); }
    current();
    document.dispatchEvent(new CustomEvent("live:shown"));
  }

  document.addEventListener("htmx:afterSwap", function (e) { if (e.detail.target.id === "thread") opened(); });
  document.addEventListener("htmx:afterSettle", function () { title(); document.dispatchEvent(new CustomEvent("live:shown")); });

  // A message of staff has one id until the server has it: Enter twice, or
  // again after a lost connection, is one message.
  document.addEventListener("htmx:afterRequest", function (e) {
    const form = e.detail.elt;
    if (form.id !== "compose" || !e.detail.successful) return;
    form.elements.client_id.value = crypto.randomUUID();
    form.elements.text.value = "";
    unpick();
    fit(form.elements.text);
    sessionStorage.removeItem(draftKey());
    const box = document.getElementById("scroll");
    if (box) toEnd(box);
  });
  document.addEventListener("keydown", function (e) {
    if (e.target.id === "reply" && e.key === "Enter" && !e.shiftKey && !e.isComposing) {
      e.preventDefault();
      e.target.form.requestSubmit();
    }
  });

  // Pictures to send along: chosen, or pasted into the box.
  function picked() {
    const input = document.getElementById("picture"), words = document.getElementById("picked");
    if (!input || !words) return;
    words.hidden = !input.files.length;
    words.firstElementChild.textContent = "将发送" + input.files.length + "张图片：" + [...input.files].map((f) => f.name).join("，");
  }
  function unpick() {
    const input = document.getElementById("picture");
    if (input) { input.value = ""; picked(); }
  }
  document.addEventListener("change", function (e) { if (e.target.id === "picture") { picked(); document.getElementById("reply").focus(); } });
  document.addEventListener("click", function (e) { if (e.target.closest("[data-unpick]")) unpick(); });
  document.addEventListener("paste", function (e) {
    const input = document.getElementById("picture");
    if (e.target.id !== "reply" || !input || !e.clipboardData.files.length) return;
    e.preventDefault();
    input.files = e.clipboardData.files;
    picked();
  });

  // Failures. Fragments that carry their own place (409, 422, HX-Retarget) are
  // shown there; anything else leaves the page as it is and says so.
  function toast(words, login) {
    const t = document.getElementById("draft-toast").content.firstElementChild.cloneNode(true);
    t.querySelector("p").textContent = words;
    if (!login) t.querySelector("a").remove();
    document.getElementById("toasts").append(t);
  }
  // A session that has ended does not take the page away: what was typed stays.
  let toldExpired = false;
  document.addEventListener("htmx:beforeOnLoad", function (e) {
    if (e.detail.xhr.status !== 401) return;
    e.preventDefault();
    if (live(e) && toldExpired) return;
    toldExpired = true;
    toast("登录已过期。请在新页面重新登录，再刷新本页；您写的回复已保存。", true);
  });
  document.addEventListener("htmx:beforeSwap", function (e) {
    if (live(e) && pressed) { missed.add(e.detail.requestConfig.elt); e.detail.shouldSwap = false; return; }
    if (ofDialling(e) && (live(e) || late(e)) && e.detail.target.querySelector("form.form")) { e.detail.shouldSwap = false; sayRefused(e); return; } // somebody writes in it
    if (overtaken(e)) return;
    keepPlace(e.detail.target);
    const status = e.detail.xhr.status;
    if (status < 400) return;
    const placed = status === 409 || status === 422 || e.detail.xhr.getResponseHeader("HX-Retarget");
    if (placed) { e.detail.shouldSwap = true; return; }
    e.detail.shouldSwap = false;
    if (!live(e)) toast("操作未成功，请稍后再试。您写的内容仍在本页。");
  });

  // overtaken: the answer to a form that is no longer shown takes nothing
  // away that was opened since; what it refuses is said beside the page.
  function overtaken(e) {
    const form = e.detail.requestConfig.elt;
    if (!e.detail.target.matches(".slot") || form.tagName !== "FORM" || form.isConnected) return false;
    e.detail.shouldSwap = false;
    sayRefused(e);
    return true;
  }
  // sayRefused says beside the page why something was refused.
  function sayRefused(e) {
    if (e.detail.xhr.status < 400 || live(e)) return;
    const words = new DOMParser().parseFromString(e.detail.xhr.response, "text/html").querySelector("[role=alert], .bad");
    toast(words ? words.textContent : "操作未成功，请稍后再试。");
  }

  // What is done on the dialling list is numbered: an answer that comes after
  // that to a later key is late, and takes no form away that was opened since.
  let asked = 0, shownLast = 0;
  function ofDialling(e) { return Boolean(e.detail.target.closest("#dialling")); }
  function late(e) { return e.detail.requestConfig.turn < shownLast; }
  document.addEventListener("htmx:beforeSend", function (e) {
    if (ofDialling(e) && !live(e)) e.detail.requestConfig.turn = ++asked;
  });

  // A click that has begun ends on what it began on: an update waits for it.
  let pressed = false;
  const missed = new Set();
  function released() {
    setTimeout(function () { // after the click itself
      pressed = false;
      missed.forEach((el) => el.dispatchEvent(new CustomEvent("live", { bubbles: false })));
      missed.clear();
    }, 0);
  }
  document.addEventListener("pointerdown", function () { pressed = true; }, true);
  ["pointerup", "pointercancel", "dragend"].forEach((kind) => document.addEventListener(kind, released, true));
  window.addEventListener("blur", released);

  // keepPlace: when the head of a ticket is brought up to date, the form below
  // it stays where it is on the screen and an open menu stays open.
  let place = null;
  function keepPlace(head) {
    if (!head.id.startsWith("head-")) return;
    const form = document.querySelector("#slot-" + CSS.escape(head.id.slice(5)) + " .form");
    const menu = head.querySelector("details");
    place = { id: head.id, form, top: form && form.getBoundingClientRect().top, height: head.offsetHeight, open: menu && menu.open };
  }
  document.addEventListener("htmx:afterSwap", function () {
    const was = place, head = was && document.getElementById(was.id);
    place = null;
    if (!head) return;
    const menu = head.querySelector("details");
    if (menu && was.open) menu.open = true;
    if (!was.form || !was.form.isConnected) return;
    const moved = () => was.form.getBoundingClientRect().top - was.top;
    const box = scroller(head);
    box.scrollTop += moved();
    if (moved() < 0) head.style.minHeight = was.height + "px"; // nothing left to scroll
  });
  function scroller(el) {
    for (let box = el.parentElement; box; box = box.parentElement) if (/auto|scroll/.test(getComputedStyle(box).overflowY)) return box;
    return document.scrollingElement;
  }
  function live(e) { const t = e.detail.requestConfig && e.detail.requestConfig.triggeringEvent; return Boolean(t && t.type === "live"); }
  ["htmx:sendError", "htmx:timeout"].forEach(function (kind) {
    document.addEventListener(kind, function (e) { if (!live(e)) toast("网络不通，未发出。您写的内容仍在本页，请稍后再试。"); });
  });
  let lostTimer = 0;
  document.addEventListener("live:lost", function () {
    if (!lostTimer) lostTimer = setTimeout(function () { document.getElementById("lost").hidden = false; }, 3000);
  });
  document.addEventListener("live:back", function () {
    clearTimeout(lostTimer);
    lostTimer = 0;
    document.getElementById("lost").hidden = true;
  });

  // Small things that pages ask for by attribute.
  document.addEventListener("click", function (e) {
    if (e.target.closest("[data-dismiss]")) e.target.closest("[data-dismissable]").remove();
    if (e.target.closest("[data-empty]")) document.getElementById(e.target.closest("[data-empty]").dataset.empty).replaceChildren();
    if (e.target.closest("[data-print]")) window.print();
    if (e.target.closest("[data-help]")) { e.preventDefault(); document.getElementById("help").showModal(); }
    if (e.target.closest("#newer")) { toEnd(document.getElementById("scroll")); document.getElementById("newer").hidden = true; }
  });

  // The dialling list: one key for what became of a call.
  function dial() { return document.activeElement?.closest("[data-dial]") || document.querySelector("[data-dial]"); }
  function stepDial(by) {
    const rows = [...document.querySelectorAll("[data-dial]")];
    const at = rows.indexOf(document.activeElement?.closest("[data-dial]"));
    rows[Math.min(rows.length - 1, Math.max(0, at < 0 ? 0 : at + by))]?.focus();
  }
  function press(key) {
    const row = dial(), button = row && row.querySelector("[data-dial-key='" + key + "']");
    if (!button) return false;
    row.focus();
    button.click();
    return true;
  }
  let dialled = "";
  document.addEventListener("htmx:beforeSwap", function (e) {
    if (!ofDialling(e) || !e.detail.shouldSwap) return;
    dialled = document.activeElement?.closest("[data-dial]")?.id || "";
    shownLast = Math.max(shownLast, e.detail.requestConfig.turn || 0);
  });
  document.addEventListener("htmx:afterSwap", function (e) {
    if (!document.getElementById("dialling") || !dialled) return;
    const row = document.getElementById(dialled);
    const first = row && row.querySelector("[autofocus]");
    if (document.activeElement === document.body) (first || (row && row.matches("[data-dial]") ? row : document.querySelector("[data-dial]")))?.focus();
  });

  // keys
  function step(by) {
    if (document.getElementById("dialling")) { stepDial(by); return; }
    const rows = [...document.querySelectorAll("#rows a")];
    if (!rows.length) return;
    const at = rows.findIndex((a) => a.hasAttribute("aria-current"));
    const next = rows[Math.min(rows.length - 1, Math.max(0, at < 0 ? 0 : at + by))];
    next.focus({ preventScroll: true });
    next.scrollIntoView({ block: "nearest" });
    next.click();
  }
  const keys = {
    j: () => step(1),
    k: () => step(-1),
    r: () => document.getElementById("reply")?.focus(),
    c: () => document.querySelector("[data-move='contact']")?.click(),
    t: () => document.querySelector("[data-take]")?.click(),
    "/": () => document.querySelector("[data-search]")?.focus(),
    "?": () => document.getElementById("help").showModal(),
  };
  document.addEventListener("keydown", function (e) {
    const typing = e.target.closest("input, textarea, select, [contenteditable]");
    if (e.key === "Escape" && typing) { e.target.blur(); return; }
    if (typing || e.ctrlKey || e.metaKey || e.altKey || document.querySelector("dialog[open]")) return;
    if (document.getElementById("dialling") && "0123".includes(e.key) && press(e.key)) { e.preventDefault(); return; }
    const act = keys[e.key];
    if (!act) return;
    e.preventDefault();
    act();
  });

  // One click takes a whole block along; without a clipboard it is selected.
  document.addEventListener("click", function (e) {
    const button = e.target.closest("[data-copy]");
    const text = button && document.getElementById(button.dataset.copy);
    if (!text) return;
    text.focus();
    text.select();
    const done = () => { button.textContent = "已复制"; };
    if (navigator.clipboard) navigator.clipboard.writeText(text.value).then(done, () => {});
  });

  // A file that is too large is not sent: nobody would hear why it was refused.
  document.addEventListener("change", function (e) {
    const most = Number(e.target.dataset && e.target.dataset.most), file = most && e.target.files[0];
    if (!most) return;
    const over = file && file.size > most * 1048576;
    e.target.setCustomValidity(over ? "文件有 " + Math.ceil(file.size / 1048576) + " MB，最大 " + most + " MB，请拆成几个文件。" : "");
    e.target.reportValidity();
  });

  // What was registered is a ticket now: its draft has done its duty.
  function registered() {
    if (!location.pathname.startsWith("/desk/tickets/TS-") || !sessionStorage.getItem("draft.register.sent")) return;
    ["draft.register", "draft.register.sent"].forEach((k) => sessionStorage.removeItem(k));
  }

  // A call that somebody has folded stays folded when it is brought up to date.
  const folded = new Set();
  document.addEventListener("toggle", function (e) {
    const call = e.target.dataset && e.target.dataset.call;
    if (call && e.target.isConnected) { if (e.target.open) folded.delete(call); else folded.add(call); }
  }, true);
  document.addEventListener("htmx:afterSwap", function () {
    document.querySelectorAll("#calls .call").forEach((el) => { if (folded.has(el.dataset.call)) el.open = false; });
  });

  document.addEventListener("DOMContentLoaded", function () { opened(); title(); registered(); });
})();
