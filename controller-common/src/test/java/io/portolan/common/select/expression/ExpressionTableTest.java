package io.portolan.common.select.expression;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Every rule of the language, one line each. */
class ExpressionTableTest {

  @ParameterizedTest(name = "[{0}] is [{1}]")
  @MethodSource
  void isCanonicallySpelled(String text, String canonical) {
    assertThat(ParsedText.of(text)).isEqualTo(canonical);
  }

  @ParameterizedTest(name = "[{0}]: {1}")
  @MethodSource
  void saysWhereAndWhatWasExpected(String text, String message) {
    assertThat(ParsedText.of(text)).startsWith(message);
  }

  @ParameterizedTest(name = "{0} on {1}: {2}")
  @MethodSource
  void matches(String text, String labels, boolean expected) {
    Map<String, String> map = new TreeMap<>();
    if (!labels.isEmpty()) {
      for (String label : labels.split(" ")) {
        map.put(label.substring(0, 1), label.substring(2));
      }
    }
    Expression expression = ParsedText.valid(text);
    assertThat(expression.matches(map)).isEqualTo(expected);
    assertThat(ExpressionLowering.lower(expression).matches(map)).isEqualTo(expected);
  }

  @ParameterizedTest
  @MethodSource
  void hasTheIdThatCalicoGivesIt(String text, String id) {
    assertThat(ParsedText.valid(text).id()).isEqualTo(id);
  }

  @ParameterizedTest
  @CsvSource({"1", "512"})
  void labelsHaveUpTo512Characters(int length) {
    String label = "x".repeat(length);
    assertThat(ParsedText.of("has(" + label + ")")).isEqualTo("has(" + label + ")");
    assertThat(ParsedText.of(label + "=='x'")).isEqualTo(label + " == \"x\"");
  }

  @ParameterizedTest
  @CsvSource({
    "'has(%s)', column 517: expected a label of at most 512 characters",
    "%s == 'x', column 513: expected a label of at most 512 characters"
  })
  void labelsHaveNoMore(String text, String message) {
    assertThat(ParsedText.of(text.formatted("x".repeat(513)))).startsWith(message);
  }

  @Test
  void stringsHoldLineBreaks() {
    assertThat(ParsedText.of("a == 'b\nc'")).isEqualTo("a == \"b\nc\"");
  }

  static Stream<Arguments> isCanonicallySpelled() {
    return rows(
        """
        ``                                   | all()
        `  \\t `                              | all()
        all()                                | all()
        ` ( all( \\t) ) `                     | all()
        global()                             | global()
        `( global( ) )`                      | global()
        has(a)                               | has(a)
        `has(\\ta )`                          | has(a)
        has(has)                             | has(has)
        has(all)                             | has(all)
        has(in)                              | has(in)
        has(calico/k8s_NS-.1/role)           | has(calico/k8s_NS-.1/role)
        has(-)                               | has(-)
        a=='b'                               | a == "b"
        a == ''                              | a == ""
        a == ' b  c '                        | a == " b  c "
        a=="b"                               | a == "b"
        a == "it's"                          | a == "it's"
        a == 'say "x"'                       | a == 'say "x"'
        a == '\\'                            | a == "\\"
        a == 'é☂'                            | a == "é☂"
        a!='b'                               | a != "b"
        a contains 'b'                       | a contains "b"
        a contains"b"                        | a contains "b"
        a contains ''                        | a contains ""
        a starts with 'b'                    | a starts with "b"
        a startswith'"'                      | a starts with '"'
        `a starts \\t with 'b'`               | a starts with "b"
        a ends with 'b'                      | a ends with "b"
        a endswith "'"                       | a ends with "'"
        a in {'b'}                           | a in {"b"}
        `a\\tin{"b"}`                         | a in {"b"}
        `a in { 'b' , 'c' , }`               | a in {"b", "c"}
        a in {'z', 'a', 'z', 'x'}            | a in {"a", "x", "z"}
        a in {"'", '"', ''}                  | a in {"", '"', "'"}
        a in {'😀', '\uFF5E', 'z'}             | a in {"z", "\uFF5E", "😀"}
        a in {}                              | a in {}
        `a in {\\t}`                          | a in {}
        a not in {'c', 'b'}                  | a not in {"b", "c"}
        a notin{'b'}                         | a not in {"b"}
        `a not \\t in{}`                      | a not in {}
        in == 'x'                            | in == "x"
        in in {'in'}                         | in in {"in"}
        not in {'x'}                         | not in {"x"}
        not not in {'x'}                     | not not in {"x"}
        contains contains 'contains'         | contains contains "contains"
        starts starts with 'x'               | starts starts with "x"
        startswith startswith 'x'            | startswith starts with "x"
        ends endswith 'x'                    | ends ends with "x"
        has == 'x'                           | has == "x"
        all != 'x'                           | all != "x"
        global in {'x'}                      | global in {"x"}
        hasx == 'x'                          | hasx == "x"
        -./_09 == 'x'                        | -./_09 == "x"
        !has(a)                              | !has(a)
        ! has(a)                             | !has(a)
        !!has(a)                             | has(a)
        !! ! has(a)                          | !has(a)
        !(!has(a))                           | !!has(a)
        !(!(!has(a)))                        | !!!has(a)
        !a == 'b'                            | !a == "b"
        !(a == 'b')                          | !a == "b"
        !a != 'b'                            | !a != "b"
        !a in {'b'}                          | !a in {"b"}
        !all()                               | !all()
        !has(a) && has(b)                    | (!has(a) && has(b))
        !(has(a) && has(b))                  | !(has(a) && has(b))
        has(a)&&has(b)                       | (has(a) && has(b))
        has(a) && has(b) && has(a)           | (has(a) && has(b) && has(a))
        (has(a) && has(b)) && has(c)         | ((has(a) && has(b)) && has(c))
        has(a) && (has(b) && has(c))         | (has(a) && (has(b) && has(c)))
        ((has(a)))                           | has(a)
        has(b) || has(a)                     | (has(b) || has(a))
        has(a) || has(b) && has(c) || has(d) | (has(a) || (has(b) && has(c)) || has(d))
        (has(a) || has(b)) && has(c)         | ((has(a) || has(b)) && has(c))
        (has(a) || has(b)) || has(c)         | ((has(a) || has(b)) || has(c))
        all() && global()                    | (all() && global())
        !(!(k == 'v' && has(t) || all()) && (a in {'b', 'c'})) | !(!((k == "v" && has(t)) || all()) && a in {"b", "c"})
        """);
  }

  static Stream<Arguments> saysWhereAndWhatWasExpected() {
    return rows(
        """
        a == x                  | `column 6: expected a quoted string after '==', found 'x'`
        abc == x && has(b)      | `column 8: expected a quoted string after '==', found 'x'`
        a == 5                  | `column 6: expected a quoted string after '==', found '5'`
        a ==                    | `column 5: expected a quoted string after '==', found the end`
        a != has(b)             | `column 6: expected a quoted string after '!=', found 'has('`
        a === 'b'               | `column 5: expected a quoted string after '==', found '='`
        a contains b            | `column 12: expected a quoted string after 'contains', found 'b'`
        a starts with {'b'}     | `column 15: expected a quoted string after 'starts with', found '{'`
        a ends with b           | `column 13: expected a quoted string after 'ends with', found 'b'`
        a = 'b'                 | `column 3: expected an operator (==, !=, in, not in, contains, starts with, ends with) after a label, found '='`
        a                       | `column 2: expected an operator (==, !=, in, not in, contains, starts with, ends with) after a label, found the end`
        a b                     | `column 3: expected an operator (==, !=, in, not in, contains, starts with, ends with) after a label, found 'b'`
        a has(b)                | `column 3: expected an operator (==, !=, in, not in, contains, starts with, ends with) after a label, found 'has'`
        a starts 'b'            | `column 3: expected an operator (==, !=, in, not in, contains, starts with, ends with) after a label, found 'starts'`
        a not 'b'               | `column 3: expected an operator (==, !=, in, not in, contains, starts with, ends with) after a label, found 'not'`
        a inside {'b'}          | `column 3: expected an operator (==, !=, in, not in, contains, starts with, ends with) after a label, found 'inside'`
        a containsb 'b'         | `column 3: expected an operator (==, !=, in, not in, contains, starts with, ends with) after a label, found 'containsb'`
        a !in {'b'}             | `column 3: expected an operator (==, !=, in, not in, contains, starts with, ends with) after a label, found '!'`
        a ! = 'b'               | `column 3: expected an operator (==, !=, in, not in, contains, starts with, ends with) after a label, found '!'`
        has (a)                 | `column 5: expected an operator (==, !=, in, not in, contains, starts with, ends with) after a label, found '('`
        all ()                  | `column 5: expected an operator (==, !=, in, not in, contains, starts with, ends with) after a label, found '('`
        global ()               | `column 8: expected an operator (==, !=, in, not in, contains, starts with, ends with) after a label, found '('`
        Has(a)                  | `column 4: expected an operator (==, !=, in, not in, contains, starts with, ends with) after a label, found '('`
        notin {'x'}             | `column 7: expected an operator (==, !=, in, not in, contains, starts with, ends with) after a label, found '{'`
        `a == 'b' &&\\nhas(c)`   | `column 12: expected a label, has(, all(), global(), '!' or '(', found a line break`
        `a\\n== 'b'`             | `column 2: expected an operator (==, !=, in, not in, contains, starts with, ends with) after a label, found a line break`
        `a == 'b'\\n`            | `column 9: expected '&&', '||' or the end, found a line break`
        `a == 'b'\\r`            | `column 9: expected '&&', '||' or the end, found a line break`
        `\u00A0has(a)`          | `column 1: expected a label, has(, all(), global(), '!' or '(', found U+00A0`
        has()                   | `column 5: expected a label after 'has(', found ')'`
        has(                    | `column 5: expected a label after 'has(', found the end`
        has('a')                | `column 5: expected a label after 'has(', found 'a'`
        has(has(a))             | `column 5: expected a label after 'has(', found 'has('`
        has(a                   | `column 6: expected ')' after the label of has(, found the end`
        has(a b)                | `column 7: expected ')' after the label of has(, found 'b'`
        has(a, b)               | `column 6: expected ')' after the label of has(, found ','`
        all(a)                  | `column 5: expected ')' after 'all(', found 'a'`
        global(                 | `column 8: expected ')' after 'global(', found the end`
        a in 'b'                | `column 6: expected '{' after 'in', found 'b'`
        a in ('b')              | `column 6: expected '{' after 'in', found '('`
        a not in b              | `column 10: expected '{' after 'not in', found 'b'`
        a in {b}                | `column 7: expected a quoted string or '}' in the set, found 'b'`
        a in {,}                | `column 7: expected a quoted string or '}' in the set, found ','`
        a in {'b',,}            | `column 11: expected a quoted string or '}' in the set, found ','`
        a in {'b' 'c'}          | `column 11: expected ',' or '}' after a value of the set, found 'c'`
        a in {'b'               | `column 10: expected ',' or '}' after a value of the set, found the end`
        a in {'b',              | `column 11: expected a quoted string or '}' in the set, found the end`
        a == 'b                 | `column 6: expected a closing ' for the string that begins here, found the end`
        a == "b'                | `column 6: expected a closing " for the string that begins here, found the end`
        a == 'it\\'s'           | `column 11: expected '&&', '||' or the end, found 's'`
        'a' == 'b'              | `column 1: expected a label, has(, all(), global(), '!' or '(', found 'a'`
        !                       | `column 2: expected a label, has(, all(), global(), '!' or '(', found the end`
        != 'b'                  | `column 1: expected a label, has(, all(), global(), '!' or '(', found '!='`
        !!='b'                  | `column 2: expected a label, has(, all(), global(), '!' or '(', found '!='`
        ()                      | `column 2: expected a label, has(, all(), global(), '!' or '(', found ')'`
        (                       | `column 2: expected a label, has(, all(), global(), '!' or '(', found the end`
        )                       | `column 1: expected a label, has(, all(), global(), '!' or '(', found ')'`
        (has(a)                 | `column 8: expected '&&', '||' or ')', found the end`
        (has(a))(has(b))        | `column 9: expected '&&', '||' or the end, found '('`
        has(a))                 | `column 7: expected '&&', '||' or the end, found ')'`
        has(a) has(b)           | `column 8: expected '&&', '||' or the end, found 'has('`
        has(a) &&               | `column 10: expected a label, has(, all(), global(), '!' or '(', found the end`
        has(a) && || has(b)     | `column 11: expected a label, has(, all(), global(), '!' or '(', found '||'`
        `&& has(a)`             | `column 1: expected a label, has(, all(), global(), '!' or '(', found '&&'`
        has(a) & has(b)         | `column 8: expected '&&', '||' or the end, found '&'`
        has(a) and has(b)       | `column 8: expected '&&', '||' or the end, found 'and'`
        a == '☂☂' %             | `column 11: expected '&&', '||' or the end, found '%'`
        a == '😀' ☂             | `column 10: expected '&&', '||' or the end, found U+2602`
        é == 'b'                | `column 1: expected a label, has(, all(), global(), '!' or '(', found U+00E9`
        """);
  }

  static Stream<Arguments> matches() {
    return rows(
        """
        ``                              |          | true
        all()                           | a=b      | true
        global()                        |          | true
        global()                        | a=b      | true
        has(a)                          | a=       | true
        has(a)                          | b=a      | false
        a == 'b'                        | a=b      | true
        a == 'b'                        | a=B      | false
        a == 'b'                        |          | false
        a == ''                         | a=       | true
        a == ''                         |          | false
        a != 'b'                        | a=b      | false
        a != 'b'                        | a=c      | true
        a != 'b'                        |          | true
        a contains 'bc'                 | a=abcd   | true
        a contains 'bc'                 | a=acbd   | false
        a contains ''                   | a=       | true
        a contains ''                   |          | false
        a starts with 'ab'              | a=abc    | true
        a starts with 'ab'              | a=cab    | false
        a starts with ''                |          | false
        a ends with 'ab'                | a=cab    | true
        a ends with 'ab'                | a=abc    | false
        a ends with ''                  |          | false
        a in {'b', 'c'}                 | a=c      | true
        a in {'b', 'c'}                 | a=d      | false
        a in {'b', 'c'}                 |          | false
        a in {}                         | a=b      | false
        a in {}                         |          | false
        a not in {'b', 'c'}             | a=c      | false
        a not in {'b', 'c'}             | a=d      | true
        a not in {'b', 'c'}             |          | true
        a not in {}                     | a=b      | true
        a not in {}                     |          | true
        !a == 'b'                       |          | true
        !a == 'b' && has(a)             |          | false
        !!a == 'b'                      | a=b      | true
        !(!has(a))                      | a=b      | true
        has(a) || has(b) && has(c)      | a=       | true
        (has(a) || has(b)) && has(c)    | a=       | false
        !has(a) || has(b)               | b=       | true
        !(has(a) || has(b))             | b=       | false
        has(a) && b == '1' && c != '1'  | a= b=1   | true
        has(a) && b == '1' && c != '1'  | b=1 a= c=1 | false
        """);
  }

  static Stream<Arguments> hasTheIdThatCalicoGivesIt() {
    return rows(
        """
        ``                            | s:5y5I3VdRZfDU01O--xXAPx2yxCQQqMf0M6IWug
        ` (all() )`                   | s:5y5I3VdRZfDU01O--xXAPx2yxCQQqMf0M6IWug
        ! (has( b)||! has(a ))    | s:Iss0uCleLYv1GSv_pNm7hAO58kE9jAx1NKyG3Q
        ! (a == "b"&&! c != "d")      | s:lh3haoY1ikTRkd4UZu0nWSaIBknYLPJLX16d-w
        """);
  }

  /** Columns between single bars; backquotes keep blanks, {@code \\t} and its kin are escapes. */
  private static Stream<Arguments> rows(String table) {
    return table
        .lines()
        .map(row ->
            Arguments.of(
                Stream.of(row.split("(?<!\\|)\\|(?!\\|)", -1))
                    .map(String::strip)
                    .map(cell -> cell.startsWith("`") ? cell.substring(1, cell.length() - 1) : cell)
                    .map(
                        cell -> cell.replace("\\t", "\t").replace("\\n", "\n").replace("\\r", "\r"))
                    .toArray()));
  }
}
