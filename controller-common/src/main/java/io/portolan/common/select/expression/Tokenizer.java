package io.portolan.common.select.expression;

/**
 * Cuts a text into tokens, one at a time. Words are operators only right after a label; everywhere
 * else they are labels, so {@code in in {'in'}} is a selector. Blanks and tabs separate, line
 * breaks do not.
 */
final class Tokenizer {
  static final int MAX_LABEL = 512;
  private static final int SHOWN = 32;

  private final String text;
  private int next;
  private Token kind = Token.OTHER;
  private int start;

  Tokenizer(String text) throws SyntaxError {
    this.text = text;
    advance();
  }

  Token kind() {
    return kind;
  }

  /** Where the current token begins. */
  int start() {
    return start;
  }

  /** A label's name, or what a string has between its quotes. */
  String value() {
    return kind == Token.STRING ? text.substring(start + 1, next - 1) : text.substring(start, next);
  }

  /** Goes on to the next token. */
  void advance() throws SyntaxError {
    boolean afterLabel = kind == Token.LABEL;
    start = blanks(next);
    next = start;
    if (start == text.length()) {
      kind = Token.END;
      return;
    }
    kind =
        switch (text.charAt(start)) {
          case '(' -> taken(Token.LEFT_PARENTHESIS, 1);
          case ')' -> taken(Token.RIGHT_PARENTHESIS, 1);
          case '{' -> taken(Token.LEFT_BRACE, 1);
          case '}' -> taken(Token.RIGHT_BRACE, 1);
          case ',' -> taken(Token.COMMA, 1);
          case '"', '\'' -> string();
          case '=' -> follows(start, "==") ? taken(Token.EQUAL, 2) : other();
          case '!' -> follows(start, "!=") ? taken(Token.NOT_EQUAL, 2) : taken(Token.NOT, 1);
          case '&' -> follows(start, "&&") ? taken(Token.AND, 2) : other();
          case '|' -> follows(start, "||") ? taken(Token.OR, 2) : other();
          default -> afterLabel ? wordOperator() : term();
        };
  }

  private Token taken(Token token, int length) {
    next = start + length;
    return token;
  }

  private Token string() throws SyntaxError {
    char quote = text.charAt(start);
    int end = text.indexOf(quote, start + 1);
    if (end < 0) {
      throw new SyntaxError(
          start, "expected a closing " + quote + " for the string that begins here, found the end");
    }
    next = end + 1;
    return Token.STRING;
  }

  private Token wordOperator() {
    if (words("contains", "")) {
      return Token.CONTAINS;
    }
    if (words("starts", "with")) {
      return Token.STARTS_WITH;
    }
    if (words("ends", "with")) {
      return Token.ENDS_WITH;
    }
    if (words("not", "in")) {
      return Token.NOT_IN;
    }
    return words("in", "") ? Token.IN : other();
  }

  /** Takes two words, with or without a gap between them, that end where the last one does. */
  private boolean words(String first, String second) {
    if (!follows(start, first)) {
      return false;
    }
    int end = start + first.length();
    if (!second.isEmpty()) {
      end = blanks(end);
      if (!follows(end, second)) {
        return false;
      }
      end += second.length();
    }
    if (end < text.length() && isLabelCharacter(text.charAt(end))) {
      return false;
    }
    next = end;
    return true;
  }

  private Token term() throws SyntaxError {
    if (follows(start, "has(")) {
      return taken(Token.HAS, 4);
    }
    if (follows(start, "all(")) {
      return taken(Token.ALL, 4);
    }
    if (follows(start, "global(")) {
      return taken(Token.GLOBAL, 7);
    }
    int end = labelEnd(start);
    if (end == start) {
      return other();
    }
    if (end - start > MAX_LABEL) {
      throw new SyntaxError(
          start + MAX_LABEL,
          "expected a label of at most " + MAX_LABEL + " characters, found " + (end - start));
    }
    next = end;
    return Token.LABEL;
  }

  /** A word where no word is expected, or a character that means nothing. */
  private Token other() {
    int end = labelEnd(start);
    next = end > start ? end : start + Character.charCount(text.codePointAt(start));
    return Token.OTHER;
  }

  private boolean follows(int offset, String expected) {
    return text.startsWith(expected, offset);
  }

  private int blanks(int from) {
    int end = from;
    while (end < text.length() && (text.charAt(end) == ' ' || text.charAt(end) == '\t')) {
      end++;
    }
    return end;
  }

  private int labelEnd(int from) {
    int end = from;
    while (end < text.length() && isLabelCharacter(text.charAt(end))) {
      end++;
    }
    return end;
  }

  private static boolean isLabelCharacter(char c) {
    return (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || (c >= '-' && c <= '9') // - . / and the digits
        || c == '_';
  }

  /** The current token as messages show it. */
  String found() {
    if (kind == Token.END) {
      return "the end";
    }
    int first = text.codePointAt(start);
    if (first == '\n' || first == '\r') {
      return "a line break";
    }
    if (kind == Token.OTHER && (first < ' ' || first > '~')) {
      return "U+%04X".formatted(first);
    }
    String source = text.substring(start, next);
    String shown = source.length() <= SHOWN ? source : source.substring(0, SHOWN - 3) + "...";
    return kind == Token.STRING ? shown : "'" + shown + "'";
  }
}
