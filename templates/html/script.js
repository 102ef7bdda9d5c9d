// Adds to what works without it: contents that follow, search, theme, tips beside the number.
(function () {
  "use strict";
  var root = document.documentElement;
  var contents = document.getElementById("contents");
  var main = document.getElementById("main");
  var narrow = window.matchMedia("(max-width: 62rem)");
  var calm = window.matchMedia("(prefers-reduced-motion: reduce)");

  function element(name, attributes, text) {
    var made = document.createElement(name);
    Object.keys(attributes || {}).forEach(function (key) { made.setAttribute(key, attributes[key]); });
    if (text) made.textContent = text;
    return made;
  }

  // Contents: closed on a narrow screen, and following the reader.
  var outer = contents.querySelector("details");
  if (narrow.matches) outer.open = false;
  contents.addEventListener("click", function (event) {
    if (event.target.closest("a") && narrow.matches) outer.open = false;
  });
  var links = {};
  contents.querySelectorAll(".sections a").forEach(function (link) { links[link.hash.slice(1)] = link; });
  var headings = Array.prototype.filter.call(main.querySelectorAll("h2[id], h3[id]"), function (heading) { return links[heading.id]; });
  var current = null;
  function follow() {
    var here = null;
    for (var i = 0; i < headings.length; i += 1) {
      if (headings[i].getBoundingClientRect().top > 120) break;
      here = headings[i];
    }
    var link = here ? links[here.id] : null;
    if (link === current) return;
    if (current) current.removeAttribute("aria-current");
    current = link;
    if (!link) return;
    link.setAttribute("aria-current", "location");
    var box = contents.getBoundingClientRect();
    var place = link.getBoundingClientRect();
    if (!narrow.matches && (place.top < box.top + 60 || place.bottom > box.bottom - 60)) {
      contents.scrollTop += place.top - box.top - box.height / 3;
    }
  }
  var waiting = false;
  window.addEventListener("scroll", function () {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(function () { waiting = false; follow(); });
  }, { passive: true });
  follow();

  // What is folded opens for a link that leads into it, and for the printer.
  function unfold(node) {
    for (var closed = node && node.closest("details:not([open])"); closed; closed = node.closest("details:not([open])")) closed.open = true;
  }
  function target(hash) { try { return document.getElementById(decodeURIComponent(hash.slice(1))); } catch (error) { return null; } }
  document.addEventListener("click", function (event) {
    var link = event.target.closest && event.target.closest("a[href^='#']");
    if (link) unfold(target(link.hash));
  });
  if (location.hash) { unfold(target(location.hash)); if (target(location.hash)) target(location.hash).scrollIntoView(); }
  var unfolded = [];
  window.addEventListener("beforeprint", function () {
    unfolded = Array.prototype.slice.call(main.querySelectorAll("details:not([open])"));
    unfolded.forEach(function (details) { details.open = true; });
  });
  window.addEventListener("afterprint", function () { unfolded.forEach(function (details) { details.open = false; }); });

  // Theme.
  var tools = document.getElementById("tools");
  var field = element("input", { type: "search", placeholder: "Search", "aria-label": "Search headings, captions and text", autocomplete: "off" });
  var theme = element("button", { type: "button", "aria-label": "Switch between light and dark" }, "◐");
  var found = element("div", { id: "found", "aria-live": "polite" });
  tools.append(field, theme, found);
  function remembered() { try { return localStorage.getItem("theme"); } catch (error) { return null; } }
  if (remembered()) root.dataset.theme = remembered();
  theme.addEventListener("click", function () {
    var dark = root.dataset.theme ? root.dataset.theme === "dark" : window.matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
    try { localStorage.setItem("theme", root.dataset.theme); } catch (error) { /* not kept */ }
  });

  // Search: headings and captions first, then text.
  var units = null;
  function collect() {
    if (units) return units;
    units = [];
    var where = "";
    var anchor = "main";
    main.querySelectorAll("h1, h2, h3, h4, figcaption, p, li, td:not(.tip), tbody th, dd, summary").forEach(function (node) {
      if (node.closest(".printed-contents, .tip")) return;
      var head = /^(H[1-4]|FIGCAPTION)$/.test(node.tagName);
      var text = textOf(node);
      if (head) {
        var holder = node.id && node.tagName !== "FIGCAPTION" ? node : node.closest("[id]");
        anchor = node.tagName === "FIGCAPTION" ? node.parentNode.id : (holder ? holder.id : "main");
        where = text;
      }
      units.push({ node: node, text: text, low: text.toLowerCase(), head: head, where: where, anchor: anchor });
    });
    return units;
  }
  function textOf(node) {
    var copy = "";
    node.childNodes.forEach(function (child) {
      if (child.nodeType === 3) copy += child.data;
      else if (child.nodeType === 1 && !child.matches(".tip, .anchor, ul, ol, table")) copy += textOf(child);
    });
    return copy.replace(/\s+/g, " ").trim();
  }
  function paint(nodes, wanted) {
    if (!window.Highlight || !CSS.highlights) return;
    var ranges = [];
    nodes.forEach(function (node) {
      var walker = document.createTreeWalker(node, NodeFilter.SHOW_TEXT);
      while (walker.nextNode()) {
        var low = walker.currentNode.data.toLowerCase();
        for (var at = low.indexOf(wanted); at >= 0; at = low.indexOf(wanted, at + wanted.length)) {
          var range = new Range();
          range.setStart(walker.currentNode, at);
          range.setEnd(walker.currentNode, at + wanted.length);
          ranges.push(range);
        }
      }
    });
    var all = new Highlight();
    ranges.forEach(function (range) { all.add(range); });
    CSS.highlights.set("found", all);
  }
  function search() {
    var wanted = field.value.trim().toLowerCase();
    found.textContent = "";
    if (window.CSS && CSS.highlights) CSS.highlights.delete("found");
    if (wanted.length < 2) return;
    var hits = collect().filter(function (unit) { return unit.low.indexOf(wanted) >= 0; });
    hits.sort(function (a, b) { return Number(b.head) - Number(a.head); });
    found.append(element("p", {}, hits.length === 1 ? "1 place" : hits.length + " places"));
    var list = element("ol", {});
    hits.slice(0, 40).forEach(function (hit) {
      var link = element("a", { href: "#" + hit.anchor });
      link.append(element("b", {}, hit.where));
      if (!hit.head) {
        var at = hit.low.indexOf(wanted);
        link.append(element("span", {}, (at > 30 ? "…" : "") + hit.text.slice(Math.max(0, at - 30), at + wanted.length + 50)));
      }
      link.addEventListener("click", function (event) {
        event.preventDefault();
        unfold(hit.node);
        hit.node.scrollIntoView({ block: "center", behavior: calm.matches ? "auto" : "smooth" });
        history.replaceState(null, "", "#" + hit.anchor);
      });
      var item = element("li", {});
      item.append(link);
      list.append(item);
    });
    found.append(list);
    paint(hits.map(function (hit) { return hit.node; }), wanted);
  }
  var later = 0;
  field.addEventListener("input", function () { clearTimeout(later); later = setTimeout(search, 150); });
  field.addEventListener("keydown", function (event) {
    if (event.key === "Escape") { field.value = ""; search(); }
    if (event.key === "Enter") { event.preventDefault(); var first = found.querySelector("a"); if (first) first.click(); }
  });
  document.addEventListener("keydown", function (event) {
    if (event.key === "/" && !/^(INPUT|TEXTAREA)$/.test(document.activeElement.tagName)) { event.preventDefault(); outer.open = true; field.focus(); }
  });

  // Tips: beside the number instead of in the corner. A click or tap holds one open, so that its text can be copied; Escape closes it.
  function tipOf(holder) {
    return holder.tagName === "TD" ? holder.parentNode.querySelector(":scope > .tip") : holder.querySelector(":scope > .tip");
  }
  function place(holder) {
    var tip = tipOf(holder);
    if (!tip) return;
    root.classList.remove("closed-tips");
    if (holder.tagName === "TD") {
      Array.prototype.forEach.call(tip.querySelectorAll(":scope > i"), function (item, index) { item.hidden = index !== holder.cellIndex - 1; });
    }
    var box = holder.getBoundingClientRect();
    tip.style.right = "auto";
    tip.style.bottom = "auto";
    var size = tip.getBoundingClientRect();
    var left = Math.max(8, Math.min(box.left, window.innerWidth - size.width - 8));
    var below = box.bottom + 6 + size.height < window.innerHeight;
    tip.style.left = left + "px";
    tip.style.top = Math.max(8, below ? box.bottom + 6 : box.top - size.height - 6) + "px";
  }
  function holderOf(event) { return event.target.closest && !event.target.closest(".tip") ? event.target.closest(".fact, td[aria-describedby], .n[aria-describedby]") : null; }
  ["mouseover", "focusin"].forEach(function (kind) {
    main.addEventListener(kind, function (event) { var holder = holderOf(event); if (holder) place(holder); });
  });
  main.addEventListener("mouseout", function () { var held = holderOf({ target: document.activeElement }); if (held) place(held); });
  document.addEventListener("keydown", function (event) { if (event.key === "Escape") root.classList.add("closed-tips"); });

  // In tables, one stop for the Tab key; the arrow keys move between numbers.
  main.querySelectorAll(".exhibit table").forEach(function (table) {
    var stops = table.querySelectorAll("[tabindex]");
    stops.forEach(function (stop, index) { if (index > 0) stop.tabIndex = -1; });
    table.addEventListener("keydown", function (event) {
      var cell = event.target.closest("td, th");
      if (!cell || !/^Arrow/.test(event.key)) return;
      var row = cell.parentNode;
      var column = cell.cellIndex;
      var next = null;
      if (event.key === "ArrowRight" || event.key === "ArrowLeft") {
        var step = event.key === "ArrowRight" ? 1 : -1;
        for (var c = column + step; row.cells[c] && !next; c += step) next = stopIn(row.cells[c]);
      } else {
        var rows = Array.prototype.slice.call(table.rows);
        var by = event.key === "ArrowDown" ? 1 : -1;
        for (var r = rows.indexOf(row) + by; rows[r] && !next; r += by) next = rows[r].cells[column] && stopIn(rows[r].cells[column]);
      }
      if (next) { event.preventDefault(); next.focus(); }
    });
  });
  function stopIn(cell) { return cell.hasAttribute("tabindex") ? cell : cell.querySelector("[tabindex]"); }
})();
