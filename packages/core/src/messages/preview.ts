import * as v from 'valibot';
import { toPlainText } from '../devices/index.ts';
import { plainText } from '../requests/fields.ts';

/**
 * The longest texts of a preview, in characters: with all of them of four bytes each, a sealed preview still fits one
 * push (spec/relay.md, "Push").
 */
const LONGEST = { user: 64, server: 128, subject: 256, repository: 128, namespace: 128 } as const;

const repository = v.nullable(plainText(1, LONGEST.repository));
const subject = plainText(0, LONGEST.subject);

/** The schema of what a request is about, as a `preview` says it. */
export const previewed = v.variant('what', [
  v.strictObject({
    what: v.literal('login'),
    user: plainText(0, LONGEST.user),
    server: v.nullable(
      v.strictObject({
        name: plainText(1, LONGEST.server),
        port: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65_535)),
      }),
    ),
  }),
  v.strictObject({ what: v.literal('commit'), subject, repository }),
  v.strictObject({ what: v.literal('tag'), subject, repository }),
  v.strictObject({ what: v.literal('file'), namespace: plainText(0, LONGEST.namespace) }),
]);

/**
 * What a request is about, for a notification on a phone that is woken by push (spec/requests.md, "Previews"). All of it
 * is what the computer claims: nothing can be decided by it. `subject` is a commit's first line or a tag's name.
 */
export type Previewed = v.InferOutput<typeof previewed>;

/** A preview's texts made plain and cut to what fits, with an ellipsis where something is missing. */
export function cutPreview(of: Previewed): Previewed {
  switch (of.what) {
    case 'login': {
      const { user, server } = of;
      const name = server && toPlainText(server.name, LONGEST.server);
      return {
        what: 'login',
        user: toPlainText(user, LONGEST.user),
        server: server && name ? { name, port: server.port } : null,
      };
    }
    case 'commit':
    case 'tag':
      return {
        what: of.what,
        subject: toPlainText(of.subject, LONGEST.subject),
        repository: of.repository ? toPlainText(of.repository, LONGEST.repository) : null,
      };
    case 'file':
      return { what: 'file', namespace: toPlainText(of.namespace, LONGEST.namespace) };
  }
}
