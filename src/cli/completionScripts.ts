/**
 * Scripts that ask the program itself (`__complete`) what may come next, so that they never grow old. Each passes the
 * words up to the cursor and shows the candidates; after `--flag=` those are values without the flag.
 */
export const COMPLETION_SCRIPTS = {
  bash: String.raw`# openshift-install completion for bash: source <(openshift-install completion bash)
_openshift_install() {
  local line=${'$'}{COMP_LINE:0:COMP_POINT} answer word directive=0
  local -a typed
  read -ra typed <<<"$line"
  [[ $line == *[[:space:]] ]] && typed+=('')
  COMPREPLY=()
  answer=$("${'$'}{typed[0]/#\~/$HOME}" __completeNoDesc "${'$'}{typed[@]:1}" 2>/dev/null) || return
  while read -r word; do
    case $word in
      :*) directive=${'$'}{word:1} ;;
      ?*) COMPREPLY+=("$word") ;;
    esac
  done <<<"$answer"
  case $directive in
    4) compopt +o default ;;
    16) compopt +o default -o dirnames ;;
  esac 2>/dev/null
}
complete -o default -F _openshift_install openshift-install
`,
  zsh: String.raw`#compdef openshift-install
# openshift-install completion for zsh: as the file _openshift-install in a folder of $fpath,
# or after compinit: source <(openshift-install completion zsh)
_openshift-install() {
  local answer line directive=0
  local -a candidates
  answer=$("${'$'}{(Q)words[1]}" __complete "${'$'}{(@Q)words[2,CURRENT-1]}" "${'$'}{(Q)PREFIX}" 2>/dev/null) || return
  for line in "${'$'}{(@f)answer}"; do
    case $line in
      :*) directive=${'$'}{line#:} ;;
      ?*) candidates+=("${'$'}{${'$'}{line%%$'\t'*}//:/\\:}:${'$'}{line#*$'\t'}") ;;
    esac
  done
  [[ $PREFIX == -*=* ]] && compset -P '*='
  if (( directive & 16 )); then
    _files -/
  elif (( $#candidates )); then
    _describe -V openshift-install candidates
  elif (( ! (directive & 4) )); then
    _files
  fi
}
if [[ ${'$'}{funcstack[1]} == _openshift-install ]]; then
  _openshift-install "$@"
else
  compdef _openshift-install openshift-install
fi
`,
  fish: String.raw`# openshift-install completion for fish: openshift-install completion fish | source
function __openshift_install_complete
    set -l typed (commandline -opc)
    set -l begun (commandline -ct)
    set -l program $typed[1]
    set -e typed[1]
    set -l answer ($program __complete $typed "$begun" 2>/dev/null)
    or return
    set -l directive $answer[-1]
    set -e answer[-1]
    set -l flag (string match -r -- '^-[^=]*=' "$begun")
    for line in $answer
        printf '%s%s\n' "$flag" $line
    end
    switch $directive
        case :16
            __fish_complete_directories (string replace -- "$flag" '' "$begun") | string replace -r -- '^' "$flag"
        case :0
            __fish_complete_path (string replace -- "$flag" '' "$begun") | string replace -r -- '^' "$flag"
    end
end
complete -c openshift-install -f -k -a '(__openshift_install_complete)'
`,
  powershell: String.raw`# openshift-install completion for PowerShell: openshift-install completion powershell | Out-String | Invoke-Expression
Register-ArgumentCompleter -Native -CommandName 'openshift-install' -ScriptBlock {
    param($begun, $commandAst, $cursor)
    $typed = @($commandAst.CommandElements | Where-Object { $_.Extent.EndOffset -lt $cursor } | ForEach-Object { $_.ToString() })
    $before = @($typed | Select-Object -Skip 1)
    # Before 7.3 an empty argument is lost unless it is quoted twice.
    $last = if ($begun -ne '') { $begun } elseif ($PSVersionTable.PSVersion -lt [version]'7.3') { '""' } else { '' }
    $flag = if ($begun -match '^-[^=]*=') { $Matches[0] } else { '' }
    & $typed[0] __complete @before $last 2>$null | Where-Object { $_ -notmatch '^:\d+$' } | ForEach-Object {
        $word, $description = $_ -split "${'`'}t", 2
        if (-not $description) { $description = $word }
        [System.Management.Automation.CompletionResult]::new("$flag$word", $word, 'ParameterValue', $description)
    }
}
`,
} as const;
