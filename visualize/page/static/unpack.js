// A text out of the page: base64, gzip. The document is JSON in such a text; the scripts are such texts.

export async function unpack(id = "data") {
  return JSON.parse(await unpacked(document.getElementById(id)));
}

export async function unpacked(element) {
  const stream = new Blob([bytesOf(element.textContent.trim())]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).text();
}

function bytesOf(text) {
  if (Uint8Array.fromBase64) return Uint8Array.fromBase64(text);
  const raw = atob(text);
  const bytes = new Uint8Array(raw.length);
  for (let i = 0; i < raw.length; i++) bytes[i] = raw.charCodeAt(i);
  return bytes;
}

// A script's text: as an element of the page it runs only where the content policy has its hash.
export function run(text) {
  const script = document.createElement("script");
  script.textContent = text;
  document.head.append(script); // runs it
  script.remove(); // a page that is saved is the page that was opened
}
