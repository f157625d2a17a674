import { shellQuote } from "../../../contract/quoting";
import type { CommandWords, Words } from "./words";

/** What a script of completion knows of the checkout. */
export interface Place {
  /** The checkout, in which the stack files are. */
  root: string;
  /** The roles of containers, and the names of standbys. */
  roles: readonly string[];
  standbys: readonly string[];
}

/** The command line itself, so that `laterbase status` works in every folder, and without npm. */
const command = ({ root }: Place) =>
  `laterbase() { ${shellQuote(`${root}/scripts/npm/laterbase.sh`)} "$@"; }`;

/**
 * Stacks are looked for at each completion: there may be a new one. Bash expands the words that it completes, so a name
 * that would be more than a word is left out.
 */
const stacks = ({ root }: Place) => `_laterbase_stacks() {
  local file
  for file in ${shellQuote(`${root}/`)}Pulumi.?*.yaml; do
    file=\${file##*/Pulumi.}
    case \${file%.yaml} in *[!A-Za-z0-9_.-]*) continue ;; esac
    printf '%s\\n' "\${file%.yaml}"
  done
}`;

const flags = (options: CommandWords["options"]) => options.map(({ flag }) => flag).join(" ");

/** Those whose next word is a value. */
const withValue = (options: CommandWords["options"]) =>
  options
    .filter(({ takesValue, flag }) => takesValue && !/^(--stack|-s)$/.test(flag))
    .map(({ flag }) => flag);

/** Those whose next word may be a standby's name. */
const withStandby = (options: CommandWords["options"]) => [
  ...new Set(options.filter(({ takesStandby }) => takesStandby).map(({ flag }) => flag)),
];

const choicesOf = ({ choices }: CommandWords, { roles }: Place) =>
  choices === "roles" ? roles : choices;

/** For bash from 3.2 on, which macOS has. */
export function bashScript({ global, commands }: Words, place: Place): string {
  const names = commands.map(({ name }) => name).join(" ");
  const all = [...global, ...commands.flatMap(({ options }) => options)];
  const takers = [...new Set(withValue(all))].join("|");
  const cases = commands.map((one) => {
    const words = [flags(one.options), ...choicesOf(one, place)].join(" ");
    return `    ${one.name}) words=${shellQuote(words)} ;;`;
  });
  return `# laterbase: completion for bash. In ~/.bashrc:
#   source <(npm --prefix ${shellQuote(place.root)} run --silent laterbase -- completion bash)
${command(place)}
${stacks(place)}
_laterbase() {
  local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]} command= words i
  case $before in
    --stack | -s) COMPREPLY=($(compgen -W "$(_laterbase_stacks)" -- "$word")); return ;;
    ${takers === "" ? "--none" : takers.replaceAll("|", " | ")}) COMPREPLY=(); return ;;
    ${withStandby(all).join(" | ")}) if [[ $word != -* ]]; then COMPREPLY=($(compgen -W ${shellQuote(place.standbys.join(" "))} -- "$word")); return; fi ;;
  esac
  for ((i = 1; i < COMP_CWORD; i++)); do
    case \${COMP_WORDS[i]} in
      --stack | -s) i=$((i + 1)) ;;
      -*) ;;
      *) command=\${COMP_WORDS[i]}; break ;;
    esac
  done
  case $command in
    '') words=${shellQuote(`${names} ${flags(global)}`)} ;;
    help) words=${shellQuote(names)} ;;
${cases.filter((line) => !line.startsWith("    help)")).join("\n")}
    *) words= ;;
  esac
  [ -z "$command" ] || words="$words ${flags(global)}"
  COMPREPLY=($(compgen -W "$words" -- "$word"))
}
complete -o default -F _laterbase laterbase
`;
}

/** For zsh: each word with its description. */
export function zshScript({ global, commands }: Words, place: Place): string {
  const described = (name: string, description: string) =>
    shellQuote(`${name.replaceAll(":", "\\:")}:${description.replaceAll("\n", " ")}`);
  const listed = (options: CommandWords["options"]) =>
    options.map(({ flag, description }) => described(flag, description)).join(" ");
  const all = [...global, ...commands.flatMap(({ options }) => options)];
  const takers = [...new Set(withValue(all))].join("|");
  const standbys = place.standbys.map((name) => shellQuote(name)).join(" ");
  const cases = commands
    .filter(({ name }) => name !== "help")
    .map((one) => {
      const choices = choicesOf(one, place)
        .map((word) => shellQuote(word))
        .join(" ");
      return `    ${one.name}) options=(${listed(one.options)}) choices=(${choices}) ;;`;
    });
  return `#compdef laterbase
# laterbase: completion for zsh. In ~/.zshrc, behind compinit:
#   source <(npm --prefix ${shellQuote(place.root)} run --silent laterbase -- completion zsh)
${command(place)}
${stacks(place)}
_laterbase() {
  local before=\${words[CURRENT-1]} command= i
  local -a options choices globals commands
  globals=(${listed(global)})
  commands=(${commands.map(({ name, description }) => described(name, description)).join(" ")})
  case $before in
    --stack|-s) compadd -- \${(f)"$(_laterbase_stacks)"}; return ;;
    ${takers === "" ? "--none" : takers}) _files; return ;;
    ${withStandby(all).join("|")}) if [[ \${words[CURRENT]} != -* ]]; then compadd -- ${standbys}; return; fi ;;
  esac
  for ((i = 2; i < CURRENT; i++)); do
    case \${words[i]} in
      --stack|-s) ((i++)) ;;
      -*) ;;
      *) command=\${words[i]}; break ;;
    esac
  done
  case $command in
    '') _describe command commands; _describe option globals; return ;;
    help) _describe command commands; return ;;
${cases.join("\n")}
  esac
  (($#choices)) && compadd -- $choices
  _describe option options
  _describe option globals
}
if (($+functions[compdef])); then compdef _laterbase laterbase; fi
`;
}
