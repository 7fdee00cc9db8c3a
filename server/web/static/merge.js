// Brings a list up to date without losing focus, scroll or what is typed:
// items keep their element while their data-version stays the same.
(function () {
  "use strict";

  function itemsOf(html) {
    if (typeof html !== "string") return [...html.children];
    return [...new DOMParser().parseFromString(html, "text/html").body.children];
  }

  // append adds items that are new and replaces those that are known.
  function append(list, html) {
    const added = [], items = itemsOf(html);
    const shown = (item) => {
      const el = item && item.id && document.getElementById(item.id);
      return el && el.parentNode === list ? el : null;
    };
    items.forEach(function (item, i) {
      const known = shown(item);
      if (known) {
        if (known.outerHTML !== item.outerHTML) known.replaceWith(item);
        return;
      }
      list.insertBefore(item, shown(items[i + 1])); // a new day stands before its first message
      added.push(item);
    });
    return added;
  }

  // replace makes the list what html says, reusing what did not change.
  function replace(list, html) {
    const added = [], focused = document.activeElement && document.activeElement.closest("li[id]");
    const focusId = focused && list.contains(focused) ? focused.id : "";
    let place = list.firstElementChild;
    itemsOf(html).forEach(function (item) {
      const known = document.getElementById(item.id);
      let use = item;
      if (known && known.parentNode === list && known.dataset.version === item.dataset.version) use = known;
      else if (known && known.parentNode === list) { if (known === place) place = place.nextElementSibling; known.remove(); added.push(item); }
      else added.push(item);
      if (use === place) place = place.nextElementSibling;
      else list.insertBefore(use, place);
    });
    while (place) { const next = place.nextElementSibling; place.remove(); place = next; }
    if (focusId && !list.contains(document.activeElement)) {
      const back = document.getElementById(focusId);
      if (back) (back.querySelector("a") || back).focus({ preventScroll: true });
    }
    return added;
  }

  // after is the id behind which a message list has to be fetched again: the
  // newest, or the one before the oldest whose delivery is still open.
  function after(list) {
    let id = 0;
    for (const li of list.querySelectorAll("[data-id]")) {
      if (li.hasAttribute("data-unsettled")) return Math.max(id, Number(li.dataset.id) - 1);
      id = Number(li.dataset.id);
    }
    return id;
  }

  function atEnd(box) { return box.scrollHeight - box.scrollTop - box.clientHeight < 80; }
  function toEnd(box) { box.scrollTop = box.scrollHeight; }

  window.quandesk = { append, replace, after, atEnd, toEnd };
})();
