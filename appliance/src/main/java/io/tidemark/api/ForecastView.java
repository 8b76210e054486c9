package io.tidemark.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.tidemark.appliance.Source;
import io.tidemark.metrics.Forecasts;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * What is to be expected of a journal if it goes on as it does.
 *
 * @param secondsUntilFull left out while it does not fill up
 * @param secondsToCatchUp until the peer has everything; left out when it never will
 */
@JsonInclude(JsonInclude.Include.NON_ABSENT)
public record ForecastView(Optional<Double> secondsUntilFull, Optional<Double> secondsToCatchUp) {

    /** Of the journal that is shipped by the source; empty in the first second. */
    static Optional<ForecastView> of(Forecasts forecasts, Source source) {
        return forecasts
                .to(source.peer().name())
                .map(forecast ->
                        new ForecastView(boxed(forecast.secondsUntilFull()), boxed(forecast.secondsToCatchUp())));
    }

    private static Optional<Double> boxed(OptionalDouble seconds) {
        return seconds.isPresent() ? Optional.of(seconds.getAsDouble()) : Optional.empty();
    }
}
