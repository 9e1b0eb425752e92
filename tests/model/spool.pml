/* SPDX-License-Identifier: ISC
 *
 * The protocol of the spool (sendoff-spool(5)), for one message with two recipients: an injection,
 * two flushes, a deletion, and whatever can end or break them: kills, replies that are lost, disks
 * that take no report, and a power cut. `make model` has spin walk every order of events.
 *
 * What is written is seen by all processes at once (`seen`), and is on the disk for sure only once
 * it was synced. A power cut leaves of each part what was synced last, or anything that it has been
 * since: the kernel writes back what it likes when it likes.
 * The names of the states are those of src/spool/entry.h.
 *
 * Checked, always:
 *   no loss        once accepted (exit 0), the message is in the queue or in .failed, or was
 *                  delivered to every recipient that its sender was not told to have failed, or
 *                  its deletion was asked for
 *   no torn mail   what is visible in new/ is complete, before and after a power cut
 *   no late send   nothing begins to be sent once its deletion was acknowledged
 *   few copies     a recipient gets one copy more for each kill, lost reply or power cut, at most;
 *                  the sender one report more than there are
 *                  recipients
 */

#define RECIPIENTS 2

/* Where the message's name is; the numbers are bits of `since`. */
#define absent 1
#define tmp    2
#define new    4
#define failed 8

/* A recipient's status byte (message/envelope.h). */
#define W 0
#define D 1
#define F 2
#define R 3             /* failed, and reported */

typedef state {
    byte place;
    bool complete;                       /* all octets of the message are there */
    byte status[RECIPIENTS];
    byte told;                           /* bit r: a report on recipient r is in the queue */
};

state seen;             /* what every process sees */
state disk;             /* what was synced last */
byte since = absent;    /* all places of the name since its directory was synced */

bool accepted;          /* sendmail said exit 0 */
bool refused;           /* it said anything else, or was killed */
bool delete_asked, delete_done;
byte copies[RECIPIENTS];                 /* that the smarthost took */
byte reports;                            /* to the sender */
bool power_cut;                          /* it came: all processes have ended */

byte kills_left = KILLS, losses_left = LOSSES;

#define mishaps (KILLS - kills_left + LOSSES - losses_left + power_cut)

byte spool_lock;        /* who flushes: 0 nobody, else the process */
byte file_lock;         /* who claims the message */

#define in_queue   (seen.place == new || seen.place == failed)
#define settled(r) (copies[r] > 0 || (seen.told & (1 << r)))
#define no_loss    (!accepted || in_queue || (settled(0) && settled(1)) || delete_asked)
#define not_torn   (!in_queue || seen.complete)
#define few        (copies[0] <= 1 + mishaps && copies[1] <= 1 + mishaps && \
                    reports <= RECIPIENTS + mishaps)

/* A process may be killed before any of its steps; the kernel then lets go of its locks. */
inline may_die(me, after)
{
    if
    :: atomic { kills_left > 0 ->
           kills_left--;
           if :: spool_lock == me -> spool_lock = 0 :: else fi;
           if :: file_lock == me -> file_lock = 0 :: else fi;
           goto dead
       }
    :: power_cut && !after -> goto dead
    :: !power_cut || after
    fi
}

inline sync_file()
{
    d_step {
        disk.complete = seen.complete;
        disk.status[0] = seen.status[0];
        disk.status[1] = seen.status[1]
    }
}

inline sync_directory()
{
    d_step { disk.place = seen.place; since = seen.place }
}

inline move_to(where)
{
    d_step { seen.place = where; since = since | where }
}

/* sendmail: tmp, write, fsync, rename, fsync of the directory, exit 0. */
proctype inject()
{
    may_die(1, false);
    move_to(tmp);
    may_die(1, false);
    seen.complete = true;
    may_die(1, false);
    sync_file();
    may_die(1, false);
    move_to(new);
    may_die(1, false);
    /* Its name may be gone already: a flush was quicker (HAZARDS 19). */
    sync_directory();
    may_die(1, false);
    accepted = true;
    goto end;
dead:
    refused = true;
end:
    skip
}

/* One attempt to send to the recipients that wait. Each answer is taken, refused for now or for
 * good, or taken with its reply lost on the way. */
inline send(r)
{
    if
    :: now[r] == W -> atomic {
        assert(!delete_done);
        if
        :: copies[r]++; now[r] = D
        :: now[r] = F
        :: skip
        :: losses_left > 0 -> losses_left--; copies[r]++
        fi }
    :: else
    fi
}

/* The sender is told, durably, of those who failed, before anything is settled by it; or the report
 * can not be written. */
inline report()
{
    reported = true;
    if
    :: now[0] == F || now[1] == F ->
       if
       :: d_step {
              reports++;
              seen.told = seen.told | (now[0] == F) | ((now[1] == F) << 1)
          };
          may_die(me, after);
          disk.told = seen.told;
          may_die(me, after)
       :: reported = false
       fi
    :: else
    fi
}

inline mark(r)
{
    seen.status[r] = (now[r] == F && reported -> R : now[r])
}

/* sendoff flush: lock, claim, send, settle, sync, and only then let go. */
proctype flush(byte me; bool after)
{
    byte now[RECIPIENTS];
    bool reported;
    (!after || power_cut);
    do
    :: atomic { spool_lock == 0 && (!power_cut || after) -> spool_lock = me };
       may_die(me, after);
       if
       :: seen.place == new -> /* it is open now */
          may_die(me, after);
          if
          :: atomic { file_lock == 0 -> file_lock = me };
             may_die(me, after);
             if
             :: seen.place == new -> /* still under its name: claimed */
                d_step { now[0] = seen.status[0]; now[1] = seen.status[1] };
                send(0);
                may_die(me, after);
                send(1);
                may_die(me, after);
                report();
                if
                :: now[0] != W && now[1] != W && reported ->
                   move_to(absent); /* its removal is the record */
                   may_die(me, after);
                   sync_directory()
                :: else ->
                   d_step { mark(0); mark(1) };
                   may_die(me, after);
                   if
                   :: now[0] != W && now[1] != W ->
                      move_to(failed);
                      may_die(me, after);
                      sync_file();
                      may_die(me, after);
                      sync_directory()
                   :: else -> sync_file()
                   fi
                fi;
                may_die(me, after)
             :: else
             fi;
             file_lock = 0
          :: file_lock != 0
          fi
       :: else
       fi;
       spool_lock = 0;
       if
       :: accepted && seen.place != new -> break
       :: refused && seen.place != new -> break
       :: power_cut && (!after || seen.place != new) -> break
       :: else
       fi
    od;
dead:
    skip
}

/* sendoff queue delete: the message's own lock, and an answer only after the sync. */
proctype remove(byte me)
{
    may_die(me, false);
    if
    :: seen.place == new ->
       may_die(me, false);
       if
       :: atomic { file_lock == 0 -> file_lock = me };
          may_die(me, false);
          if
          :: seen.place == new ->
             delete_asked = true;
             move_to(absent);
             may_die(me, false);
             sync_directory();
             may_die(me, false);
             delete_done = true
          :: else
          fi;
          file_lock = 0
       :: file_lock != 0 /* it is being sent: not deleted, and told so */
       fi
    :: else
    fi;
dead:
    skip
}

/* After the cut what the disk has is all there is; the flush that was waiting for it goes on. */
proctype power()
{
    if
    :: CUTS > 0 -> atomic {
           power_cut = true;
           if
           :: since & absent -> seen.place = absent
           :: since & tmp -> seen.place = tmp
           :: since & new -> seen.place = new
           :: since & failed -> seen.place = failed
           fi;
           if :: seen.complete = disk.complete :: skip fi;
           if :: seen.status[0] = disk.status[0] :: skip fi;
           if :: seen.status[1] = disk.status[1] :: skip fi;
           if :: seen.told = disk.told :: skip fi;
           spool_lock = 0; file_lock = 0
       }
    :: skip
    fi
}

/* Holds in every state; spin tries it in each. */
active proctype always()
{
    do
    :: atomic { !(no_loss && not_torn && few) -> assert(no_loss); assert(not_torn); assert(few) }
    od
}

init
{
    atomic {
        seen.place = absent; disk.place = absent;
        run inject();
        run flush(2, false);
#if CUTS
        run flush(5, true);
#else
        run flush(3, false);
#endif
#if DELETIONS
        run remove(4);
#endif
        run power()
    }
}
