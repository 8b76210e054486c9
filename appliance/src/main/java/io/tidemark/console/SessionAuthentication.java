package io.tidemark.console;

import io.quarkus.security.identity.IdentityProviderManager;
import io.quarkus.security.identity.SecurityIdentity;
import io.quarkus.security.identity.request.AuthenticationRequest;
import io.quarkus.vertx.http.runtime.security.ChallengeData;
import io.quarkus.vertx.http.runtime.security.HttpAuthenticationMechanism;
import io.smallrye.mutiny.Uni;
import io.tidemark.access.Access;
import io.tidemark.api.TokenAuthentication;
import io.vertx.core.http.Cookie;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Singleton;
import java.util.Optional;
import java.util.Set;

/** Who has signed in at the console. For its own pages only: REST minds no cookie. */
@Singleton
public final class SessionAuthentication implements HttpAuthenticationMechanism {

    private final Sessions sessions;
    private final Access access;

    public SessionAuthentication(Sessions sessions, Access access) {
        this.sessions = sessions;
        this.access = access;
    }

    @Override
    public Uni<SecurityIdentity> authenticate(RoutingContext request, IdentityProviderManager providers) {
        if (!Browser.isConsole(request.normalizedPath())) {
            return Uni.createFrom().nullItem();
        }
        return Uni.createFrom()
                .item(Optional.ofNullable(request.request().getCookie(Browser.COOKIE))
                        .map(Cookie::getValue)
                        .flatMap(sessions::token)
                        .flatMap(token -> access.holder(Optional.of(token)))
                        .map(TokenAuthentication::identity)
                        .orElse(null));
    }

    @Override
    public Uni<ChallengeData> getChallenge(RoutingContext request) {
        return Uni.createFrom().nullItem();
    }

    @Override
    public Set<Class<? extends AuthenticationRequest>> getCredentialTypes() {
        return Set.of();
    }
}
