// One WebSocket per page. It carries topics, ids and versions; on a topic the
// elements that show it ([data-live]) get the event "live" and fetch
// themselves again. Without the socket they are told every few seconds.
(function () {
  "use strict";
  const pollEvery = 5000, gather = 120, apart = 700;
  let socket = null, tries = 0, subscribed = new Set(), due = new Set(), timer = 0, last = 0, lostSince = 0;

  function topicsOf(el) { return el.dataset.live.split(" ").filter(Boolean); }

  function shown() {
    const topics = new Set();
    document.querySelectorAll("[data-live]").forEach((el) => topicsOf(el).forEach((t) => topics.add(t)));
    document.querySelectorAll("[data-draft]").forEach((el) => topics.add(el.dataset.draft));
    return topics;
  }

  // subscribe tells the server what the page shows now and no longer shows.
  function subscribe() {
    if (!socket || socket.readyState !== WebSocket.OPEN) return;
    const now = shown();
    const add = [...now].filter((t) => !subscribed.has(t));
    const remove = [...subscribed].filter((t) => !now.has(t));
    if (add.length || remove.length) socket.send(JSON.stringify({ add, remove }));
    subscribed = now;
  }

  function refresh() {
    timer = 0;
    last = Date.now();
    const topics = due;
    due = new Set();
    document.querySelectorAll("[data-live]").forEach((el) => {
      if (topics.has("*") || topicsOf(el).some((t) => topics.has(t))) {
        el.dispatchEvent(new CustomEvent("live", { bubbles: false }));
      }
    });
  }

  // grow shows a generated answer while it grows; it comes with its text, for
  // there is nothing yet to fetch.
  function grow(topic, text) {
    document.querySelectorAll("[data-draft]").forEach((el) => {
      if (el.dataset.draft === topic) el.dispatchEvent(new CustomEvent("draft", { detail: text }));
    });
  }

  // tell gathers what arrives together, and keeps refetches apart.
  function tell(topic) {
    due.add(topic);
    if (!timer) timer = setTimeout(refresh, Math.max(gather, last + apart - Date.now()));
  }

  function lost() {
    if (!lostSince) lostSince = Date.now();
    document.dispatchEvent(new CustomEvent("live:lost"));
  }

  function open() {
    const path = document.body.dataset.socket;
    if (!path || !("WebSocket" in window)) return;
    const url = new URL(path, location.href);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    const mine = socket = new WebSocket(url);
    mine.onopen = function () {
      tries = 0;
      subscribed = new Set();
      subscribe();
      document.dispatchEvent(new CustomEvent("live:back"));
      if (lostSince) tell("*"); // something may have been missed
      lostSince = 0;
    };
    mine.onmessage = function (e) {
      const { topic, draft } = JSON.parse(e.data);
      if (topic.startsWith("draft:")) return grow(topic, draft || "");
      tell(topic);
    };
    mine.onclose = function () {
      if (mine !== socket) return;
      socket = null;
      lost();
      const wait = Math.min(30000, 500 * 2 ** tries++);
      setTimeout(open, wait / 2 + Math.random() * wait / 2);
    };
  }

  setInterval(function () {
    if (!socket || socket.readyState !== WebSocket.OPEN) {
      if (document.visibilityState === "visible") tell("*");
    } else {
      subscribe();
    }
  }, pollEvery);
  document.addEventListener("live:shown", subscribe);
  window.addEventListener("online", function () { tries = 0; if (!socket) open(); });
  window.addEventListener("pageshow", function (e) { if (e.persisted) tell("*"); });
  document.addEventListener("DOMContentLoaded", open);
})();
