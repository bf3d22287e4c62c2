/** Gives the page's heading the focus, as a page load would: what had it is gone. False where there is no heading yet. */
export function focusHeading(): boolean {
  const headings = [...document.querySelectorAll<HTMLElement>('[data-page-heading]')];
  const heading = headings.findLast(({ offsetParent }) => offsetParent !== null);
  heading?.focus({ preventScroll: true });
  return heading !== undefined;
}
