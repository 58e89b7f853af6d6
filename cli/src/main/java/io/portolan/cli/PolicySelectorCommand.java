package io.portolan.cli;

import io.portolan.policy.cases.SelectorAnswer;
import io.portolan.policy.cases.SelectorCases;
import java.io.IOException;
import java.io.InputStream;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code portolan policy selector}. */
@Command(
    name = "selector",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    header = "Is this a selector of Calico policy, and does it match these labels?",
    customSynopsis = {
      "portolan policy selector [-o FORMAT] [--labels K=V,...] EXPR",
      "       portolan policy selector --cases FILE"
    },
    footer = {
      "",
      "Each line of FILE is a case: {\"selector\":\"app == 'web'\",\"labels\":{\"app\":\"web\"}}",
      "Each is answered by a line: its selector and labels, and valid, match, canonical, error.",
      "That a selector is invalid is an answer. Exit code 2 if a line is no case."
    })
final class PolicySelectorCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "EXPR",
      description = "The selector, such as: \"app == 'web' && !has(test)\"; '' is all().")
  private @Nullable String expression;

  @Option(
      names = "--labels",
      split = ",",
      paramLabel = "K=V",
      description = "Labels to match; none if left out.")
  private Map<String, String> labels = new LinkedHashMap<>();

  @Option(
      names = {"-o", "--output"},
      defaultValue = "text",
      paramLabel = "FORMAT",
      description = "text or json (default: ${DEFAULT-VALUE}).")
  private LabCommand.Output output = LabCommand.Output.text;

  @Option(
      names = "--cases",
      paramLabel = "FILE",
      description = "Cases in JSON Lines, also compressed (.gz); - for standard input.")
  private @Nullable String cases;

  @Override
  public Integer call() throws IOException {
    if (cases != null) {
      if (expression != null || !labels.isEmpty()) {
        throw new ParameterException(
            spec.commandLine(), "--cases brings its own selectors and labels: leave out others");
      }
      return answerCases(cases);
    }
    if (expression == null) {
      throw new ParameterException(
          spec.commandLine(), "A selector is missing: give EXPR, or --cases FILE");
    }
    SelectorAnswer answer = SelectorAnswer.of(expression, labels);
    switch (output) {
      case json -> SelectorCases.write(answer, System.out);
      case text -> System.out.println(text(answer));
    }
    System.out.flush();
    return 0;
  }

  private int answerCases(String file) throws IOException {
    SelectorCases.Summary summary;
    try (InputStream in = CaseStreams.open(spec, "--cases", file)) {
      summary = SelectorCases.answer(in, CaseStreams.checkedOutput());
    } catch (IOException e) {
      throw new IOException("--cases " + file + ": " + e.getMessage(), e);
    }
    if (summary.malformed() == 0) {
      return 0;
    }
    spec.commandLine()
        .getErr()
        .println(
            "portolan: %d of %d lines are no case, the first is line %d"
                .formatted(summary.malformed(), summary.cases(), summary.firstMalformed()));
    return 2;
  }

  private static String text(SelectorAnswer answer) {
    StringBuilder text = new StringBuilder("valid      " + (answer.valid() ? "yes" : "no"));
    answer
        .canonical()
        .ifPresent(canonical ->
            text.append("\nmatch      ")
                .append(answer.match() ? "yes" : "no")
                .append("\ncanonical  ")
                .append(canonical));
    answer.error().ifPresent(error -> text.append("\nerror      ").append(error));
    return text.toString();
  }
}
