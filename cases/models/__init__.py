"""The tables. Domain tables (DomainModel) exist once in every world."""

from .account import AccountNotice
from .anchor import Anchor
from .base import DomainModel
from .batches import Batch, BatchItem
from .cases import Case
from .duty import Duty, DutyNotice, DutyWarning
from .events import Event, Message
from .evidence import Evidence
from .exports import Export
from .grams import LetterGrams
from .handling import Draft, Mention, ReplyTemplate
from .heartbeat import Heartbeat
from .letters import Attachment, Letter, Writer
from .outcomes import Disclosure, Incident, Rule
from .own_data import DataRequest, RenewedCode
from .people import Officer
from .platforms import LetterFile, Origin
from .policy import PolicyVersion, Recomputation
from .presence import Presence
from .publishing import Consent, PublicAnswer
from .questions import CommonQuestion
from .recusal import Recusal
from .role_grants import RoleGrant
from .saved_views import SavedView
from .second_factor import RecoveryCode, SecondFactor
from .sessions import Session
from .throttle import LookupAttempt
from .trouble import Trouble
from .units import Unit
from .world import World
