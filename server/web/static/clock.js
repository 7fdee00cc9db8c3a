// Countdowns: every element with data-due (milliseconds) says how long is
// left by the server's clock, or how late it is.
(function () {
  "use strict";
  let offset = 0;

  function span(seconds) {
    const m = Math.floor(seconds / 60), h = Math.floor(m / 60), d = Math.floor(h / 24);
    if (d > 0) return d + "天" + (h % 24 ? h % 24 + "小时" : "");
    if (h > 0) return h + "小时" + (m % 60 ? m % 60 + "分" : "");
    return m + "分";
  }

  function tick(el) {
    const left = Math.round((Number(el.dataset.due) - Date.now() - offset) / 1000);
    let words;
    if (left < 0) words = "已超时 " + (left > -60 ? -left + "秒" : span(-left));
    else if (left < 3600) words = Math.floor(left / 60).toString().padStart(2, "0") + ":" + (left % 60).toString().padStart(2, "0");
    else words = "剩 " + span(left);
    if (el.textContent !== words) el.textContent = words;
    el.classList.toggle("due--late", left < 0);
    el.classList.toggle("due--soon", left >= 0 && left < 1200);
  }

  function all() { document.querySelectorAll("[data-due]").forEach(tick); }

  // A desk stays open for a shift: every answer of the server sets the clock.
  document.addEventListener("htmx:afterRequest", function (e) {
    const date = e.detail.xhr && Date.parse(e.detail.xhr.getResponseHeader("Date"));
    if (date && Math.abs(date + 500 - Date.now() - offset) > 2000) offset = date + 500 - Date.now();
  });
  document.addEventListener("htmx:afterSettle", all);
  document.addEventListener("DOMContentLoaded", function () {
    if (document.body.dataset.now) offset = Number(document.body.dataset.now) - Date.now();
    all();
    setInterval(all, 1000);
  });
})();
