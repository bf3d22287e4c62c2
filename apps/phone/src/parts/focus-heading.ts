/** Gives the page's heading the focus, as a page load would: what had it is gone. */
export function focusHeading(): void {
  const headings = [...document.querySelectorAll<HTMLElement>('[data-page-heading]')];
  headings.findLast(({ offsetParent }) => offsetParent !== null)?.focus({ preventScroll: true });
}
