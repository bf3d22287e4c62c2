import { fromHex } from '@palmkey/envelope';
import * as v from 'valibot';
import { decodeCanonical, encodeCanonical } from '../crypto/index.ts';
import { MAX_MEMBER_BODY_BYTES } from './member-record.ts';
import { sharedHex, sharedText, toSharedText } from './shared-texts.ts';

/** What a permission of another phone is for, as far as people need it to know it again (spec/permissions.md). */
export type SharedScope =
  | {
      readonly is: 'server';
      readonly name: string;
      readonly port: number;
      readonly user: string;
      /** The servers on the way, in words; null for a direct login. */
      readonly through: string | null;
    }
  | { readonly is: 'computer' }
  | { readonly is: 'commits' };

/** A permission that holds on the phone that gave it. Ids are hexadecimal: 16 random bytes, and a DeviceId. */
export interface SharedPermission {
  readonly id: string;
  readonly computer: string;
  readonly scope: SharedScope;
  /** Null: every key of that phone. */
  readonly keyName: string | null;
  /** By that phone's clock, ms. */
  readonly createdAt: number;
  readonly endsAt: number;
}

/** A permission of another phone that a member has ended. */
export interface SharedEnding {
  /** The permission. */
  readonly id: string;
  /** When it would have ended by itself. */
  readonly endsAt: number;
}

/** How many permissions hold on one phone at a time: so many fit a record, however long their texts are. */
export const MAX_SHARED_PERMISSIONS = 16;
/** How many endings wait at a time until the phones that they are for have taken them up. */
export const MAX_SHARED_ENDINGS = 128;

const NAME_BYTES = 64;
const USER_BYTES = 24;
const THROUGH_BYTES = 48;
const KEY_NAME_BYTES = 24;

const id = sharedHex(16);
const time = v.pipe(v.number(), v.minValue(0));
const port = v.pipe(v.number(), v.minValue(1), v.maxValue(65_535));

/** Lists in the place of maps, without the keys. */
const scope = v.union([
  v.strictTuple([
    v.literal('server'),
    sharedText(NAME_BYTES),
    port,
    sharedText(USER_BYTES),
    v.nullable(sharedText(THROUGH_BYTES)),
  ]),
  v.strictTuple([v.literal('computer')]),
  v.strictTuple([v.literal('commits')]),
]);
const permission = v.strictTuple([id, id, time, time, v.nullable(sharedText(KEY_NAME_BYTES)), scope]);
const permissions = v.pipe(v.array(permission), v.maxLength(MAX_SHARED_PERMISSIONS));
const endings = v.pipe(v.array(v.strictTuple([id, time])), v.maxLength(MAX_SHARED_ENDINGS));

/** The body of a record `permissions/<id>`: texts are cut to what it holds. Throws RangeError beyond {@link MAX_SHARED_PERMISSIONS}. */
export function encodeSharedPermissions(given: readonly SharedPermission[]): Uint8Array<ArrayBuffer> {
  if (given.length > MAX_SHARED_PERMISSIONS) throw new RangeError('more permissions than are listed');
  return encodeCanonical(
    given.map((each) => [
      fromHex(each.id),
      fromHex(each.computer),
      each.createdAt,
      each.endsAt,
      toSharedText(each.keyName, KEY_NAME_BYTES),
      scopeValue(each.scope),
    ]),
  );
}

/** Reads it; throws {@link FormatError}. */
export function parseSharedPermissions(body: Uint8Array): readonly SharedPermission[] {
  const given = decodeCanonical(body, permissions, MAX_MEMBER_BODY_BYTES);
  return given.map(([of, computer, createdAt, endsAt, keyName, what]) => ({
    id: of,
    computer,
    scope: scopeOf(what),
    keyName,
    createdAt,
    endsAt,
  }));
}

/** The body of a record `endings/<id>`. Throws RangeError beyond {@link MAX_SHARED_ENDINGS}. */
export function encodeSharedEndings(ended: readonly SharedEnding[]): Uint8Array<ArrayBuffer> {
  if (ended.length > MAX_SHARED_ENDINGS) throw new RangeError('more endings than are told');
  return encodeCanonical(ended.map(({ id: of, endsAt }) => [fromHex(of), endsAt]));
}

/** Reads it; throws {@link FormatError}. */
export function parseSharedEndings(body: Uint8Array): readonly SharedEnding[] {
  return decodeCanonical(body, endings, MAX_MEMBER_BODY_BYTES).map(([of, endsAt]) => ({ id: of, endsAt }));
}

function scopeValue(of: SharedScope): unknown {
  if (of.is !== 'server') return [of.is];
  return [
    of.is,
    toSharedText(of.name, NAME_BYTES),
    of.port,
    toSharedText(of.user, USER_BYTES),
    toSharedText(of.through, THROUGH_BYTES),
  ];
}

function scopeOf(value: v.InferOutput<typeof scope>): SharedScope {
  if (value[0] !== 'server') return { is: value[0] };
  const [is, name, portNumber, user, through] = value;
  return { is, name, port: portNumber, user, through };
}
