package io.portolan.sim.ec2;

import io.portolan.sim.ec2.action.Element;
import io.portolan.sim.ec2.model.Ec2Error;
import java.util.List;

/** Writes answers as EC2 does: the response envelope, and the error envelope. */
public final class XmlWriter {
  private static final String HEAD = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
  private static final String NAMESPACE = "http://ec2.amazonaws.com/doc/2016-11-15/";

  private XmlWriter() {}

  public static String answer(String action, String requestId, List<Element> elements) {
    StringBuilder xml = new StringBuilder(HEAD);
    xml.append('<').append(action).append("Response xmlns=\"").append(NAMESPACE).append("\">");
    append(xml, Element.leaf("requestId", requestId));
    elements.forEach(element -> append(xml, element));
    return xml.append("</").append(action).append("Response>").toString();
  }

  /** Error codes for the Amazon EC2 API, "Example error response". */
  public static String error(String requestId, Ec2Error error) {
    StringBuilder xml = new StringBuilder(HEAD);
    append(
        xml,
        Element.node(
            "Response",
            Element.node(
                "Errors",
                Element.node(
                    "Error",
                    Element.leaf("Code", error.code()),
                    Element.leaf("Message", error.message()))),
            Element.leaf("RequestID", requestId)));
    return xml.toString();
  }

  /** An element on its own. */
  static String fragment(Element element) {
    StringBuilder xml = new StringBuilder();
    append(xml, element);
    return xml.toString();
  }

  private static void append(StringBuilder xml, Element element) {
    if (element.text().isEmpty() && element.children().isEmpty()) {
      xml.append('<').append(element.name()).append("/>");
      return;
    }
    xml.append('<').append(element.name()).append('>');
    escape(xml, element.text());
    element.children().forEach(child -> append(xml, child));
    xml.append("</").append(element.name()).append('>');
  }

  private static void escape(StringBuilder xml, String text) {
    text.codePoints()
        .forEach(c -> {
          switch (c) {
            case '<' -> xml.append("&lt;");
            case '>' -> xml.append("&gt;");
            case '&' -> xml.append("&amp;");
            case '"' -> xml.append("&quot;");
            case '\r' -> xml.append("&#13;");
            default -> xml.appendCodePoint(isAllowed(c) ? c : '\uFFFD');
          }
        });
  }

  /** XML 1.0, production 2: a tag value may hold characters that no document may. */
  private static boolean isAllowed(int c) {
    return c == '\t'
        || c == '\n'
        || (c >= 0x20 && c <= 0xD7FF)
        || (c >= 0xE000 && c <= 0xFFFD)
        || c >= 0x10000;
  }
}
