// Evaluated in the page: the text whose contrast against its ground is below 4.5 (WCAG 2.2, 1.4.3), each pair of colours once.
(() => {
  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const known = new Map();
  const channels = (color) => {
    if (!known.has(color)) {
      canvas.clearRect(0, 0, 1, 1);
      canvas.fillStyle = color;
      canvas.fillRect(0, 0, 1, 1);
      known.set(color, [...canvas.getImageData(0, 0, 1, 1).data]);
    }
    return known.get(color) ?? [];
  };
  const luminance = (rgb) => {
    const [r = 0, g = 0, b = 0] = rgb.map((value) =>
      value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4,
    );
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const color = getComputedStyle(at).backgroundColor;
      if (channels(color)[3] === 255) return color;
    }
    return 'white';
  };
  const failures = new Set();
  const cache = new Map();
  for (const element of document.querySelectorAll('body *')) {
    const text = [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.textContent?.trim());
    if (!text || !element.checkVisibility() || element.closest('.hidden, .skip')) continue;
    const [ink, paper] = [getComputedStyle(element).color, ground(element)];
    const pair = `${ink} on ${paper}`;
    if (!cache.has(pair)) {
      const [high = 0, low = 0] = [luminance(channels(ink)), luminance(channels(paper))].sort((a, b) => b - a);
      cache.set(pair, (high + 0.05) / (low + 0.05));
    }
    if ((cache.get(pair) ?? 0) < 4.5) failures.add(`${element.className || element.tagName}: ${pair} = ${cache.get(pair)?.toFixed(2)}`);
  }
  return [...failures];
})();
