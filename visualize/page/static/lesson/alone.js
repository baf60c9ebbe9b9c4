// Where there is room for one way at a time, what scrolls them is as high as the one that is seen:
// below a short way there is no blank of the longest one's height.

export function alone(scrolled, ways) {
  function fit() {
    const one = ways.length > 1 && getComputedStyle(ways[0]).display === "block";
    const { left, right } = scrolled.getBoundingClientRect();
    const middle = (left + right) / 2;
    const seen = ways.find((way) => way.getBoundingClientRect().right >= middle);
    scrolled.style.height = one && seen ? `${seen.offsetHeight + scrolled.offsetHeight - scrolled.clientHeight}px` : "";
    if (one) scrolled.scrollTop = 0; // where a line was brought into view before it had its room
  }
  scrolled.addEventListener("scroll", fit, { passive: true });
  const sizes = new ResizeObserver(fit);
  for (const each of [scrolled.firstChild, ...ways]) sizes.observe(each);
}
