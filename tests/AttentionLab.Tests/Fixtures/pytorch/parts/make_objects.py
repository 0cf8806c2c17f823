# Writes objects-2.pth and objects-5.pth: weights with many Python objects beside them, as torch.save lays them out. Needs no PyTorch.
import pickle, sys, types, io, zipfile, struct, collections, datetime, pathlib, argparse, enum, dataclasses, functools, random, decimal, fractions, uuid, re, operator, array, zoneinfo, logging, threading
stores=[]
torch=types.ModuleType('torch'); tu=types.ModuleType('torch._utils'); sys.modules['torch']=torch; sys.modules['torch._utils']=tu
class FloatStorage: pass
FloatStorage.__module__='torch'; torch.FloatStorage=FloatStorage
class LongStorage: pass
LongStorage.__module__='torch'; torch.LongStorage=LongStorage
class QUInt8Storage: pass
QUInt8Storage.__module__='torch'; torch.QUInt8Storage=QUInt8Storage
def _rebuild_tensor_v2(*a): pass
_rebuild_tensor_v2.__module__='torch._utils'; tu._rebuild_tensor_v2=_rebuild_tensor_v2
def _rebuild_sparse_tensor(*a): pass
_rebuild_sparse_tensor.__module__='torch._utils'; tu._rebuild_sparse_tensor=_rebuild_sparse_tensor
class St:
    def __init__(s,cls,key,data,n): s.cls,s.key,s.data,s.n=cls,key,data,n
class T:
    def __init__(s,vals,shape,cls=FloatStorage):
        global cnt; s.shape=shape; fmt='f' if cls is not LongStorage else 'q'
        s.st=St(cls,str(len(stores)),struct.pack('<%d%s'%(len(vals),fmt),*vals),len(vals)); stores.append(s.st)
    def __reduce_ex__(s,p):
        st=[]; x=1
        for d in reversed(s.shape): st.insert(0,x); x*=d
        return (_rebuild_tensor_v2,(s.st,0,s.shape,tuple(st),False,collections.OrderedDict()))
class Sparse:
    def __reduce_ex__(s,p): return (_rebuild_sparse_tensor,('torch.sparse_coo',(T([1.],(1,)),)))
class P(pickle._Pickler):
    def persistent_id(s,o):
        if isinstance(o,St): return ('storage',o.cls,o.key,'cpu',o.n)
def save(obj,name,proto):
    b=io.BytesIO(); P(b,proto).dump(obj)
    with zipfile.ZipFile(name,'w',zipfile.ZIP_STORED) as z:
        z.writestr('archive/data.pkl',b.getvalue()); z.writestr('archive/byteorder','little')
        for st in stores: z.writestr('archive/data/'+st.key,st.data)
        z.writestr('archive/version','3\n')
class Color(enum.Enum): RED=1
class IntE(enum.IntFlag): A=1
@dataclasses.dataclass
class DC:
    a:int=1; b:list=dataclasses.field(default_factory=list)
@dataclasses.dataclass(frozen=True)
class FD: x:float=1.0
class Slots:
    __slots__=('a',)
    def __init__(s): s.a=1
class MyDict(dict): pass
class MyOD(collections.OrderedDict): pass
class MyList(list): pass
class Kw:
    def __new__(cls,*,a=1): return object.__new__(cls)
    def __getnewargs_ex__(s): return ((),{'a':2})
class WithReduce:
    def __reduce__(s): return (operator.attrgetter('x').__class__,('x',),None,iter([1,2]),iter([('k','v')]))
NT=collections.namedtuple('NT','a b'); 
rec=[]; rec.append((rec,1)); rect=([],); rect[0].append(rect)
cyc={}; cyc['me']=cyc
class Meth:
    def f(self): pass
objs=dict(date=datetime.datetime.now(),tz=datetime.datetime.now(datetime.timezone.utc),td=datetime.timedelta(1),path=pathlib.PurePosixPath('/d'),pathw=pathlib.PureWindowsPath('c:/d'),ns=argparse.Namespace(lr=.1,sub=argparse.Namespace(a=1)),sns=types.SimpleNamespace(a=1),enum=Color.RED,flag=IntE.A,dc=DC(),fdc=FD(),partial=functools.partial(int,base=2),partial2=functools.partial(print,1),rng=random.getstate(),rand=random.Random(1),dec=decimal.Decimal('1.5'),frac=fractions.Fraction(1,3),uuid=uuid.uuid4(),regex=re.compile('a+'),od=collections.OrderedDict(a=1),dd=collections.defaultdict(list,{'a':[1]}),dd2=collections.defaultdict(functools.partial(collections.defaultdict,int)),counter=collections.Counter('aab'),deque=collections.deque([1,2],5),chain=collections.ChainMap({'a':1}),slots=Slots(),mydict=MyDict(a=1),myod=MyOD(a=1),mylist=MyList([1,2]),kw=Kw(),wr=WithReduce(),nt=NT(1,2),rec=rec,rect=rect,cyc=cyc,fs=frozenset([1,2]),st={1,2},by=b'abc',ba=bytearray(b'x'*10),big=1<<3000,bigneg=-(1<<3000),cplx=1+2j,rangev=range(3),slc=slice(1,2),func=len,cls=int,meth=Meth().f,itemg=operator.itemgetter(1),arr=array.array('d',[1,2]),zone=zoneinfo.ZoneInfo('UTC'),none=None,ell=...,notimpl=NotImplemented,nested=[{'a':[Color.RED,{'b':(DC(),)}]}],exc=ValueError('x',1),mv=types.MappingProxyType if False else None,sparse=Sparse(),q=T([1,2],(2,),QUInt8Storage),lock=None)
def sd():
    r=random.Random(5); f=lambda *s:T([r.uniform(-1,1) for _ in range(__import__('math').prod(s))],s)
    d=collections.OrderedDict()
    d['conv.weight']=f(4,3,3,3); d['conv.bias']=f(4); d['bn.weight']=f(4); d['bn.bias']=f(4); d['bn.running_mean']=f(4); d['bn.running_var']=T([1.,2,3,4],(4,)); d['bn.num_batches_tracked']=T([7],(),LongStorage); d['fc.weight']=f(2,4); d['fc.bias']=f(2)
    return d
for proto in (2,5):
    stores=[]
    objs['sparse']=Sparse(); objs['q']=T([1,2],(2,),QUInt8Storage)
    save({'extra':objs,'epoch':3,'state_dict':sd(),'after':list(objs.values())},f'objects-{proto}.pth',proto)
