// Making elements, and giving files to the user.

export function element(name, attributes = {}, children = []) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

export function save(name, content, type) {
  const blob = content instanceof Blob ? content : new Blob([content], { type });
  const link = element("a", { href: URL.createObjectURL(blob), download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

export function csv(columns) {
  const names = Object.keys(columns);
  const length = Math.max(...names.map((name) => columns[name].length));
  const quoted = (value) => (/[",\n]/.test(value) ? `"${String(value).replaceAll('"', '""')}"` : value);
  const rows = [names.map(quoted).join(",")];
  for (let row = 0; row < length; row += 1) {
    rows.push(names.map((name) => {
      const value = columns[name][row];
      if (value === undefined || value === null || Number.isNaN(value)) return "";
      return quoted(value);
    }).join(","));
  }
  return `${rows.join("\n")}\n`;
}

// A picture with its heading on the ground of the page.
export function savePicture(figure, name) {
  const canvas = figure.querySelector("canvas");
  const made = document.createElement("canvas");
  const scale = canvas.width / canvas.clientWidth;
  const top = Math.round(22 * scale);
  made.width = canvas.width;
  made.height = canvas.height + top;
  const context = made.getContext("2d");
  const style = getComputedStyle(document.documentElement);
  context.fillStyle = style.getPropertyValue("--panel");
  context.fillRect(0, 0, made.width, made.height);
  context.fillStyle = style.getPropertyValue("--ink");
  context.font = `600 ${Math.round(12 * scale)}px system-ui, sans-serif`;
  context.fillText(document.getElementById("headline").textContent.trim(), 6 * scale, 15 * scale);
  context.drawImage(canvas, 0, top);
  made.toBlob((blob) => save(`${name}.png`, blob), "image/png");
}
