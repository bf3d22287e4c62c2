/**
 * What runs on a server: one POSIX sh script that looks for keys in authorized_keys, adds a line and takes lines out. It
 * needs cp, mv, rm, mkdir, ls, cmp, tail, dd, readlink and awk. Nothing of ours meets a shell's parser as anything but
 * data: the script and what it is told come in by its standard input.
 */

/** What the script is told first, a line each. */
export interface ScriptFacts {
  /** What its own lines begin with: random, so that whatever a login prints besides is none of them. */
  readonly mark: string;
  /** The end of a backup's name: digits, letters and `-`. */
  readonly stamp: string;
  /** `type base64` of each key that is to go. */
  readonly oldKeys: readonly string[];
  /** `type base64` of the key that is to come. */
  readonly newKey: string;
  /** Its line for authorized_keys. */
  readonly newLine: string;
}

/**
 * `look`, `add`, `remove` and `undo`, a line each; every one is answered by lines and a last one, `end`. A file is written
 * beside itself and renamed, so whenever the script is killed the old file stands or the new one.
 */
const script = `
LC_ALL=C; export LC_ALL; umask 077
exec 2>/dev/null
IFS= read -r mark && IFS= read -r stamp && IFS= read -r old && IFS= read -r new && IFS= read -r line || exit 1
say() { printf "%s %s\\n" "$mark" "$*"; }
cd || { say failed home; exit 1; }
next= was= made=
trap 'rm -f "$next" "$was"' 0
trap 'exit 1' 1 2 13 15

# How sshd reads a line (auth2-pubkeyfile.c): a key, or options up to the first blank outside quotes and then a key.
reader='
function bare(text, words) {
  sub(/^[ \\t]+/, "", text); sub(/\\r$/, "", text); split(text, words, /[ \\t]+/)
  return words[1] " " words[2]
}
function options(text, i, c, quoted) {
  for (i = 1; i <= length(text); i++) {
    c = substr(text, i, 1)
    if (c == "\\\\" && substr(text, i + 1, 1) == "\\"") i++
    else if (c == "\\"") quoted = !quoted
    else if (!quoted && (c == " " || c == "\\t")) break
  }
  return i - 1
}
BEGIN { many = split(ENVIRON["PALMKEY_KEYS"], list, "|"); for (i = 1; i <= many; i++) keys[list[i]] = 1 }
{
  text = $0; sub(/^[ \\t]+/, "", text); hit = 0; before = ""
  if (text !~ /^#/) {
    if (bare(text) in keys) hit = 1
    else {
      size = options(text)
      if (bare(substr(text, size + 1)) in keys) { hit = 1; before = substr(text, 1, size) " " }
    }
  }
  if (hit && ++found == 1) first = before
  if (how == "rest" && !hit) print
}
END { if (how == "count") print found + 0; if (how == "options") print first }
'
ask() { PALMKEY_KEYS=$2 awk -v how="$1" "$reader" "$3"; }
count() { if [ -f "$2" ]; then ask count "$1" "$2"; else echo 0; fi; }

# Where a file really is: a link stays a link.
resolve() {
  f=$1 hops=0
  while [ -h "$f" ]; do
    hops=$((hops + 1)); [ "$hops" -le 16 ] || return 1
    to=$(readlink "$f") || return 1
    case $to in /*) f=$to ;; *) f=$(dirname "$f")/$to ;; esac
  done
}
rights() { ls -ldn "$1" | awk '{ print $1, $3, $4 }'; }

# change rest KEYS | change add TEXT: of $f, all of it or nothing. Says why not in $why.
change() {
  next=$f.palmkey-next.$$ was=$f.palmkey-was.$$ backup=$f.palmkey-backup-$stamp kept=+ why=write
  if [ ! -e "$f" ]; then
    kept=-
    mkdir -p "$(dirname "$f")" && printf "%s\\n" "$2" > "$next" && mv -f "$next" "$f" && made=1
    return
  fi
  [ -f "$f" ] && [ -r "$f" ] || { why=file; return 1; }
  cp -p "$f" "$was" && cp -p "$was" "$next" || return 1
  [ "$(rights "$f")" = "$(rights "$next")" ] || { why=rights; return 1; }
  if [ ! -e "$backup" ]; then mv -f "$next" "$backup" && cp -p "$was" "$next" || return 1; fi
  if [ "$1" = rest ]; then
    ask rest "$2" "$was" > "$next" || return 1
    [ "$(count "$2" "$next")" = 0 ] || return 1
  else
    { cat "$was" && { [ -z "$(tail -c 1 "$was")" ] || echo; } && printf "%s\\n" "$2"; } > "$next" || return 1
  fi
  cmp -s "$f" "$was" || { why=changed; return 1; }
  mv -f "$next" "$f" || return 1
  rm -f "$was"
}
clean() { rm -f "$next" "$was"; next= was=; }

say ready
while IFS= read -r what; do
  case $what in
    look)
      for name in .ssh/authorized_keys .ssh/authorized_keys2; do
        say file "$(count "$old" "$name")" "$(count "$new" "$name")" "$name"
      done
      cat /etc/ssh/sshd_config /etc/ssh/sshd_config.d/*.conf | grep -i "^[[:space:]]*authorizedkeys" | head -n 4 |
        while IFS= read -r setting; do say setting "$setting"; done
      ;;
    add)
      if resolve .ssh/authorized_keys; then
        # Who was held to something by options stays held to it.
        before=
        [ "$(count "$old" "$f")" = 0 ] || before=$(ask options "$old" "$f")
        if [ -e "$f" ] && [ ! -r "$f" ]; then say failed file "$f"
        elif [ "$(count "$new" "$f")" != 0 ]; then say there "$f"
        elif change add "$before$line"; then say added "$kept" "$f"
        else say failed "$why" "$f"; fi
        clean
      else say failed link .ssh/authorized_keys; fi
      ;;
    remove)
      for name in .ssh/authorized_keys .ssh/authorized_keys2; do
        resolve "$name" || { say failed link "$name"; continue; }
        n=$(count "$old" "$f")
        [ "$n" != 0 ] || continue
        if change rest "$old"; then say removed "$n" "$kept" "$f"; else say failed "$why" "$f"; fi
        clean
      done
      ;;
    undo)
      if resolve .ssh/authorized_keys; then
        if [ "$made" = 1 ] && [ "$(cat "$f")" = "$line" ]; then rm -f "$f" && say undone "$f"
        elif change rest "$new"; then say undone "$f"
        else say failed "$why" "$f"; fi
        clean
      fi
      ;;
  esac
  say end
done
`;

/** How many bytes of standard input are the script. */
const scriptBytes = Buffer.byteLength(script);

/** The command for ssh: the same to sh, csh and fish. `dd` reads byte by byte, so it takes nothing of what comes after. */
export const remoteCommand = `exec sh -c 'eval "$(dd bs=1 count=${scriptBytes} 2>/dev/null)"'`;

/** What goes to its standard input before the first command. */
export function scriptInput({ mark, stamp, oldKeys, newKey, newLine }: ScriptFacts): string {
  return `${script}${[mark, stamp, oldKeys.join('|'), newKey, newLine].join('\n')}\n`;
}

export type ScriptCommand = 'look' | 'add' | 'remove' | 'undo';

/** Why a file was left as it was: a link that leads nowhere, no plain file, rights that a copy would not have, somebody else's change meanwhile. */
const faults = ['home', 'link', 'file', 'rights', 'changed', 'write'] as const;
export type ScriptFault = (typeof faults)[number];

export type ScriptLine =
  | { readonly is: 'ready' | 'end' }
  | { readonly is: 'file'; readonly old: number; readonly new: number; readonly path: string }
  | { readonly is: 'setting'; readonly text: string }
  | { readonly is: 'there' | 'undone'; readonly path: string }
  | { readonly is: 'added'; readonly backup: boolean; readonly path: string }
  | { readonly is: 'removed'; readonly lines: number; readonly backup: boolean; readonly path: string }
  | { readonly is: 'failed'; readonly why: ScriptFault; readonly path: string };

const maxText = 1024;

/** Reads a line of the script, its mark taken off; null for what is none. */
export function parseScriptLine(text: string): ScriptLine | null {
  const [is = '', ...words] = text.slice(0, maxText).split(' ');
  const rest = (from: number) => words.slice(from).join(' ');
  const [first = '', second = ''] = words;
  switch (is) {
    case 'ready':
    case 'end':
      return words.length === 0 ? { is } : null;
    case 'file':
      return isCount(first) && isCount(second) ? { is, old: Number(first), new: Number(second), path: rest(2) } : null;
    case 'setting':
      return { is, text: rest(0) };
    case 'there':
    case 'undone':
      return { is, path: rest(0) };
    case 'added':
      return { is, backup: first === '+', path: rest(1) };
    case 'removed':
      return isCount(first) ? { is, lines: Number(first), backup: second === '+', path: rest(2) } : null;
    case 'failed': {
      const why = faults.find((fault) => fault === first);
      return why === undefined ? null : { is, why, path: rest(1) };
    }
    default:
      return null;
  }
}

function isCount(word: string): boolean {
  return /^\d{1,9}$/.test(word);
}
