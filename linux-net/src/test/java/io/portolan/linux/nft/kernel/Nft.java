package io.portolan.linux.nft.kernel;

import io.portolan.linux.netns.NetworkNamespace;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The distribution's nft program: an independent reader and writer of the kernel's state. */
final class Nft {
  private static final Pattern ELEMENTS = Pattern.compile("elements = \\{ (.*?) }", Pattern.DOTALL);
  private static final Pattern EXPIRES = Pattern.compile(" expires [0-9dhms]+");

  private final NetworkNamespace namespace;

  Nft(NetworkNamespace namespace) {
    this.namespace = namespace;
  }

  String run(String input, String... arguments) {
    List<String> command = Stream.concat(Stream.of("nft"), Stream.of(arguments)).toList();
    return execute(input, command);
  }

  String execute(String input, List<String> command) {
    return namespace.call(() -> {
      try {
        // A process starts in the namespace of the thread that starts it.
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        try (var stdin = process.getOutputStream()) {
          stdin.write(input.getBytes(StandardCharsets.UTF_8));
        }
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        int status = process.waitFor();
        if (status != 0) {
          throw new AssertionError(command + " ended with " + status + ": " + output);
        }
        return output;
      } catch (IOException | InterruptedException e) {
        throw new AssertionError(command.toString(), e);
      }
    });
  }

  /**
   * A listing in one form: nft wraps element lists by width, and prints hash sets in the order of
   * the hash.
   */
  static String normal(String listing) {
    String ordered =
        ELEMENTS
            .matcher(listing)
            .replaceAll(match -> java.util.regex.Matcher.quoteReplacement(sorted(match)));
    return EXPIRES.matcher(ordered).replaceAll("");
  }

  private static String sorted(MatchResult match) {
    return Stream.of(match.group(1).split(",\\s+"))
        .sorted()
        .collect(Collectors.joining(",\n\t\t\t     ", "elements = { ", " }"));
  }
}
