package io.portolan.policy.cases;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.InputStream;

/** A stream of JSON documents, one a line; blank lines are passed over. */
final class JsonLines {
  /** A line may hold a whole cluster. */
  private static final int MAX_LINE = 512 << 20;

  static final ObjectMapper JSON =
      JsonMapper.builder(
              JsonFactory.builder().disable(JsonFactory.Feature.INTERN_FIELD_NAMES).build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private JsonLines() {}

  /** Takes the lines, in order. */
  interface Visitor {
    /**
     * @param where such as {@code line 7}
     */
    void visit(String where, JsonNode line) throws IOException;

    /** A line that is no document. */
    void unreadable(String error) throws IOException;
  }

  /**
   * @param beforeRead called before reading, which may block
   */
  static void read(InputStream in, CaseLines.Refill beforeRead, Visitor visitor)
      throws IOException {
    CaseLines lines = new CaseLines(in, beforeRead, MAX_LINE);
    long number = 0;
    while (lines.advance()) {
      number++;
      if (lines.isBlank()) {
        continue;
      }
      String where = "line " + number;
      if (lines.oversize()) {
        visitor.unreadable(where + ": longer than " + MAX_LINE + " bytes");
        continue;
      }
      JsonNode line;
      try {
        line = JSON.readTree(lines.buffer(), lines.start(), lines.length());
      } catch (MismatchedInputException e) {
        visitor.unreadable(where + ": expected one object, found more behind it");
        continue;
      } catch (JsonProcessingException e) {
        visitor.unreadable(where + ": not JSON: " + e.getOriginalMessage());
        continue;
      }
      visitor.visit(where, line);
    }
  }
}
