import type { SignInForm } from '../model/model.ts';

/**
 * Has the browser itself post a form, so that the page is left for it and the answer's cookie is the relay's own. The
 * page tells nobody where it is; but without `Origin` the relay takes no form (Fetch Standard, "append a request
 * `Origin` header"), and of a page without referrer the browser says `null` there.
 */
export function postForm(page: Document, { action, fields }: SignInForm): void {
  for (const meta of page.querySelectorAll('meta[name=referrer]')) meta.setAttribute('content', 'strict-origin');
  const form = page.createElement('form');
  form.method = 'post';
  form.action = action;
  for (const [name, value] of Object.entries(fields)) {
    const input = page.createElement('input');
    input.type = 'hidden';
    input.name = name;
    input.value = value;
    form.append(input);
  }
  page.body.append(form);
  form.submit();
}
