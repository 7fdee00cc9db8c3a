package rules
import ("testing";"os";"strings")
func TestQ(t *testing.T){ u,_:=New(); for _,l:=range strings.Split(os.Getenv("Q"),"|"){ g,_:=u.Understand(t.Context(),l,nil); t.Log(l,g)}}
