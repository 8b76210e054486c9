/*
 * Roles: at most one unfenced source of a VM in a term, whatever is lost, delayed, repeated, or promoted at the same time.
 *
 * Two sites. Site 0 is the source in the first term, (1, site 0). An operator may promote either site at any moment, also both at
 * once, also with the other one dead. What was announced may arrive at any later moment, more than once, or never. The code comes
 * after this model: README.md says what it has to do. Actions have the names of the simulator's events.
 */

#ifndef PROMOTIONS
#define PROMOTIONS 3    /* of either site, so numbers end at 4 */
#endif
#ifndef CRASHES
#define CRASHES 2       /* of either site: what is not durable is gone */
#endif

#define BIT(site) (1 << (site))
#define OTHER(site) (1 - (site))
#define BOTH 3

mtype:role = { replica, source, stopped }

/* The newest number a site knows, and the sites that it knows to have taken it: bit s is the term (number, s). */
byte number[2] = 1, takers[2] = 1;
byte durableNumber[2] = 1, durableTakers[2] = 1;
mtype:role role[2] = replica;
byte term[2];                   /* the number in which the site lets its guest write, as source */
byte promotions = PROMOTIONS, crashes = CRASHES;

/* The network: which sites have announced themselves in a number; their records are on the way from then on. */
byte announced[PROMOTIONS + 2];

/* Ghosts. */
byte taken[PROMOTIONS + 2];        /* the terms that were ever taken */
byte fencedBy[2];               /* the newest number of the other site that this one has said to be fenced by */

bool I11 = true;

inline must(condition) { I11 = (condition); assert(I11) }

/* The role that follows from the terms a site knows. Equal numbers from two sites stop both. */
inline decide(site) {
    if
    :: takers[site] == BIT(site) -> role[site] = source; term[site] = number[site]
    :: takers[site] == BIT(OTHER(site)) -> role[site] = replica; term[site] = 0
    :: else -> role[site] = stopped; term[site] = 0
    fi
}

inline makeDurable(site) { durableNumber[site] = number[site]; durableTakers[site] = takers[site] }

/* The operator: this site is the source from now on. The term is durable before anything else is done in it. */
inline Promote(site) {
    d_step {
        promotions > 0 ->
        promotions--;
        number[site]++;
        takers[site] = BIT(site);
        /* a term is taken once: twice would be two histories of one name */
        must(!(taken[number[site]] & BIT(site)));
        taken[number[site]] = taken[number[site]] | BIT(site);
#ifndef PROMOTE_BEFORE_THE_TERM_IS_DURABLE
        makeDurable(site);
#endif
        decide(site)
    }
}

#ifdef PROMOTE_BEFORE_THE_TERM_IS_DURABLE
#define FORCES_LATER
#endif
#ifdef FENCE_BEFORE_THE_TERM_IS_DURABLE
#define FORCES_LATER
#endif

inline Force(site) {
    d_step { durableNumber[site] != number[site] || durableTakers[site] != takers[site] -> makeDurable(site) }
}

/* The guest writes; what is shipped tells the term. A site that has said it is fenced writes in no older term again. */
inline Write(site) {
    d_step {
        role[site] == source && (!(announced[term[site]] & BIT(site)) || term[site] <= fencedBy[site]) ->
        must(term[site] > fencedBy[site]);
        announced[term[site]] = announced[term[site]] | BIT(site)
    }
}

#ifdef IGNORE_EQUAL_NUMBERS
#define NEWS(site, n) (n > number[site])
#else
#define NEWS(site, n) (n > number[site] || (n == number[site] && !(takers[site] & BIT(OTHER(site)))))
#endif

/* Something of the other site arrives, old or new. */
inline Learn(site, n) {
    d_step {
        (announced[n] & BIT(OTHER(site))) && NEWS(site, n) ->
        if
        :: n > number[site] -> number[site] = n; takers[site] = BIT(OTHER(site))
        :: else -> takers[site] = BOTH
        fi;
#ifndef FENCE_BEFORE_THE_TERM_IS_DURABLE
        makeDurable(site);
#endif
#ifndef FORGET_TO_FENCE
        decide(site)
#endif
    }
}

/* The site says that it is fenced. */
inline Fence(site) {
    d_step {
        (takers[site] & BIT(OTHER(site))) && fencedBy[site] < number[site] && number[site] > 1 ->
        fencedBy[site] = number[site]
    }
}

#ifdef TAKE_RECORDS_OF_A_FENCED_TERM
#define TAKES(site, n) (role[site] == replica)
#else
#define TAKES(site, n) (role[site] == replica && n == number[site])
#endif

/* A replica takes records of the term it knows, and sets aside what is of any other. */
inline Receive(site, n) {
    d_step {
        (announced[n] & BIT(OTHER(site))) && TAKES(site, n) && n < number[site] -> must(n >= number[site])
    }
}

/* KillSource, KillReplica, PowerCutSource, PowerCutReplica: all the same here. */
inline Kill(site) {
    d_step {
        crashes > 0 ->
        crashes--;
        number[site] = durableNumber[site];
        takers[site] = durableTakers[site];
        decide(site)
    }
}

inline life(site) {
    decide(site);
end:
    do
    :: Promote(site)
    :: Write(site)
    :: Fence(site)
    :: Learn(site, 1) :: Learn(site, 2) :: Learn(site, 3) :: Learn(site, 4)
    :: Receive(site, 1) :: Receive(site, 2) :: Receive(site, 3) :: Receive(site, 4)
    :: Kill(site)
#ifdef FORCES_LATER
    :: Force(site)
#endif
    od
}

active proctype Site0() { life(0) }

active proctype Site1() { life(1) }

/*
 * At rest, when all that was announced has arrived: at most one site is a source, and never two in one number. Two that were
 * promoted into the same number have stopped, unless a later promotion has decided between them.
 */
active proctype Rest() {
end:
    timeout -> must(!(role[0] == source && role[1] == source) && (term[0] != term[1] || term[0] == 0))
}
