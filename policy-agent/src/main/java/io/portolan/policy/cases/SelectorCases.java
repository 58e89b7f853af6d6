package io.portolan.policy.cases;

import com.fasterxml.jackson.core.JsonEncoding;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.util.MinimalPrettyPrinter;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Answers lines of {@code {"selector":"…","labels":{…}}} with one line of JSON each, in order and
 * as they come: memory is that of the longest line. Blank lines are skipped, other members of a
 * case are ignored, and {@code labels} may be left out. A line that is no case is answered with its
 * number in {@code error}.
 */
public final class SelectorCases {
  private static final JsonFactory JSON =
      JsonFactory.builder().disable(JsonFactory.Feature.INTERN_FIELD_NAMES).build();

  private final JsonGenerator out;

  private SelectorCases(JsonGenerator out) {
    this.out = out;
  }

  /**
   * What became of a run.
   *
   * @param cases answered, malformed ones included
   * @param malformed lines that were no case
   * @param firstMalformed number of the first of them, from 1; 0 if there is none
   */
  public record Summary(long cases, long malformed, long firstMalformed) {}

  /** Why a line is no case. */
  private static final class MalformedCase extends Exception {
    private static final long serialVersionUID = 1;

    MalformedCase(String problem) {
      super(problem, null, false, false);
    }
  }

  /** One line. */
  public static void write(SelectorAnswer answer, OutputStream out) throws IOException {
    try (JsonGenerator generator = generator(out)) {
      new SelectorCases(generator).write(answer);
    }
  }

  /**
   * Answers all lines.
   *
   * @throws IOException if reading or writing fails; what was answered before is written
   */
  public static Summary answer(InputStream in, OutputStream out) throws IOException {
    try (JsonGenerator generator = generator(out)) {
      return new SelectorCases(generator).answer(new CaseLines(in, generator::flush));
    }
  }

  private static JsonGenerator generator(OutputStream out) throws IOException {
    return JSON.createGenerator(out, JsonEncoding.UTF8)
        .disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET)
        .setPrettyPrinter(new MinimalPrettyPrinter(""));
  }

  private Summary answer(CaseLines lines) throws IOException {
    long line = 0;
    long cases = 0;
    long malformed = 0;
    long first = 0;
    while (lines.advance()) {
      line++;
      if (lines.isBlank()) {
        continue;
      }
      cases++;
      SelectorAnswer answer;
      try {
        answer = question(lines);
      } catch (MalformedCase | JsonProcessingException e) {
        malformed++;
        first = first == 0 ? line : first;
        String problem = e instanceof JsonProcessingException json ? problem(json) : e.getMessage();
        writeMalformed(wellFormed("line " + line + ": " + problem));
        continue;
      }
      write(answer);
    }
    return new Summary(cases, malformed, first);
  }

  private static String problem(JsonProcessingException e) {
    String where =
        e.getLocation() == null ? "" : " at byte " + (e.getLocation().getByteOffset() + 1);
    // What Jackson adds in parentheses at the end is about its own line count and settings.
    return "not JSON"
        + where
        + ": "
        + e.getOriginalMessage().replaceFirst(" \\(start marker.*", "");
  }

  private static SelectorAnswer question(CaseLines lines) throws IOException, MalformedCase {
    if (lines.oversize()) {
      throw new MalformedCase("longer than " + CaseLines.MAX_LINE + " bytes");
    }
    String selector = null;
    Map<String, String> labels = Map.of();
    try (JsonParser json = JSON.createParser(lines.buffer(), lines.start(), lines.length())) {
      if (json.nextToken() != JsonToken.START_OBJECT) {
        throw new MalformedCase("expected {\"selector\":\"…\",\"labels\":{…}}");
      }
      for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
        JsonToken value = json.nextToken();
        switch (name) {
          case "selector" -> selector = text(json, value, "selector");
          case "labels" -> labels = labels(json, value);
          default -> json.skipChildren();
        }
      }
      if (json.nextToken() != null) {
        throw new MalformedCase("expected one object, found more behind it");
      }
    }
    if (selector == null) {
      throw new MalformedCase("there is no \"selector\"");
    }
    return SelectorAnswer.of(selector, labels);
  }

  private static Map<String, String> labels(JsonParser json, JsonToken token)
      throws IOException, MalformedCase {
    if (token == JsonToken.VALUE_NULL) {
      return Map.of();
    }
    if (token != JsonToken.START_OBJECT) {
      throw new MalformedCase("\"labels\" is no object");
    }
    Map<String, String> labels = new LinkedHashMap<>();
    for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
      labels.put(wellFormed(name), text(json, json.nextToken(), name));
    }
    return labels;
  }

  private static String text(JsonParser json, JsonToken token, String name)
      throws IOException, MalformedCase {
    if (token != JsonToken.VALUE_STRING) {
      throw new MalformedCase("\"" + wellFormed(name) + "\" is no string");
    }
    return wellFormed(json.getText());
  }

  /** JSON can escape half a character, UTF-8 cannot carry it: U+FFFD instead, as Go reads it. */
  static String wellFormed(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (Character.isSurrogate(text.charAt(i))) {
        return new String(
            text.codePoints()
                .map(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE ? 0xFFFD : c)
                .toArray(),
            0,
            text.codePointCount(0, text.length()));
      }
    }
    return text;
  }

  private void write(SelectorAnswer answer) throws IOException {
    write(
        answer.selector(),
        answer.labels(),
        answer.valid(),
        answer.match(),
        answer.canonical().orElse(null),
        answer.error().orElse(null));
  }

  private void writeMalformed(String error) throws IOException {
    write(null, null, false, false, null, error);
  }

  private void write(
      @Nullable String selector,
      @Nullable Map<String, String> labels,
      boolean valid,
      boolean match,
      @Nullable String canonical,
      @Nullable String error)
      throws IOException {
    out.writeStartObject();
    out.writeStringField("selector", selector);
    if (labels == null) {
      out.writeNullField("labels");
    } else {
      out.writeObjectFieldStart("labels");
      for (Map.Entry<String, String> label : labels.entrySet()) {
        out.writeStringField(label.getKey(), label.getValue());
      }
      out.writeEndObject();
    }
    out.writeBooleanField("valid", valid);
    out.writeBooleanField("match", match);
    out.writeStringField("canonical", canonical);
    out.writeStringField("error", error);
    out.writeEndObject();
    out.writeRaw('\n');
  }
}
